public import IngotModel
public import SystemPackage

/// What git knows about some files.
public struct VersionControl: Hashable, Sendable {
    /// `nil` outside a repository, and before its first commit.
    public var commit: String?
    public var committedAt: Timestamp?
    /// Files that are not in the commit, or not as they are there.
    public var strays: [String]

    /// - Parameter files: relative to the folder.
    public static func of(_ files: [String], in folder: FilePath) async -> VersionControl {
        let head = await GitRevision.git(["log", "-1", "--no-show-signature", "--no-decorate", "--format=%H %ct"], in: folder)
        let words = head.text.split(whereSeparator: \.isWhitespace)
        guard head.isSuccess, words.count == 2, let second = Int(words[1]) else { return VersionControl(strays: files) }
        var strays: [String] = []
        for file in files {
            // Literal: a name is no pattern.
            let path = ":(literal)\(file)"
            let known = await GitRevision.git(["ls-tree", "--name-only", "HEAD", "--", file], in: folder)
            let changes = await GitRevision.git(["status", "--porcelain", "--", path], in: folder)
            if !known.isSuccess || known.text.isEmpty || !changes.isSuccess || !changes.text.isEmpty { strays.append(file) }
        }
        return VersionControl(commit: String(words[0]), committedAt: Timestamp(secondsSince1970: second), strays: strays)
    }
}
