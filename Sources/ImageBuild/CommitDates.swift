import SystemPackage

/// When commits were made, by their identifiers. A commit's date is part of what its identifier is the hash of, so it never
/// changes, and git need not be asked for it in each build.
struct CommitDates {
    let folder: FilePath

    /// In seconds since 1970; `nil` when it is not known.
    func second(of commit: String) -> Int? {
        guard let bytes = try? Files.read(folder.appending(commit), limit: 32), let second = Int(String(decoding: bytes, as: UTF8.self)), second >= 0
        else { return nil }
        return second
    }

    /// Not to be able to remember it costs a moment in the next build, and is no failure of this one.
    func record(_ second: Int, of commit: String) {
        try? Files.makeFolder(folder)
        try? Files.write(Array("\(second)".utf8), to: folder.appending(commit))
    }
}
