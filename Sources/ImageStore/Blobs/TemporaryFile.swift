internal import Glibc
internal import SystemPackage

/// A file that has no name of its own yet. It gets one by `commit`, all at once, or it leaves nothing behind.
///
/// A process that is killed leaves the file in the store's `tmp`; the next one that opens the store while
/// nobody writes removes it.
final class TemporaryFile {
    let file: OpenFile
    /// The name that it got.
    private var name: FilePath?

    init(in folder: FilePath, mode: mode_t = 0o600) throws {
        let name = "\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        file = try OpenFile(folder.appending(name), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    }

    deinit {
        if name == nil { _ = file.path.withPlatformString { unlink($0) } }
    }

    /// Syncs the file, gives it its name, and syncs the folder. A file that had the name is replaced.
    func commit(as path: FilePath) throws {
        try file.synchronize()
        try rename(to: path)
        try synchronizeFolder()
    }

    /// Gives the file its name before the disk has its content; `synchronize` makes up for it.
    func rename(to path: FilePath) throws {
        let code = file.path.withPlatformString { from in path.withPlatformString { Glibc.rename(from, $0) } }
        guard code == 0 else { throw StoreError.system("rename", path, .last) }
        name = path
    }

    /// Waits until the disk has the file's content and its name.
    func synchronize() throws {
        try file.synchronize()
        try synchronizeFolder()
    }

    private func synchronizeFolder() throws {
        if let name { try Files.synchronizeFolder(name.removingLastComponent()) }
    }

    static func write(_ bytes: [UInt8], as path: FilePath, by folder: FilePath, mode: mode_t = 0o600) throws {
        let temporary = try TemporaryFile(in: folder, mode: mode)
        try bytes.withUnsafeBytes { try temporary.file.write($0, at: 0) }
        try temporary.commit(as: path)
    }
}
