import CLinux
import Engine
import Glibc
import IngotModel
import SystemPackage

/// The text of an errno.
func errorText(_ number: Int32) -> String { String(cString: strerror(number)) }

/// Small files and folders: read with a limit, written whole or not at all.
enum SystemFile {
    /// - Returns: `nil` when there is no such file.
    static func read(_ path: FilePath, limit: ByteSize) throws(EngineError) -> [UInt8]? {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .system("opening", on: path.string, errno)
        }
        defer { close(descriptor) }
        return try read(descriptor, name: path.string, limit: limit)
    }

    static func read(_ descriptor: Int32, name: String, limit: ByteSize) throws(EngineError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= limit.bytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("reading", on: name, errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw .stateBroken(name, "it is larger than \(limit)")
    }

    static func text(_ path: FilePath, limit: ByteSize = EngineLimits.stateFile) -> String? {
        (try? read(path, limit: limit)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes a file under a temporary name and renames it: readers see the old one or the new one.
    ///
    /// - Parameter isDurable: whether it must outlive a crash of the machine. An instance does not, so its own files need not.
    static func write(_ bytes: [UInt8], to path: FilePath, mode: mode_t = 0o600, isDurable: Bool) throws(EngineError) {
        let temporary = "\(path.string).new"
        try fill(temporary, with: bytes, mode: mode, isDurable: isDurable)
        guard rename(temporary, path.string) == 0 else { throw .system("renaming", on: temporary, errno) }
        if isDurable { try syncFolder(path.removingLastComponent()) }
    }

    /// Writes a file in a folder that nobody else looks into yet.
    static func fill(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600, owner: (uid_t, gid_t)? = nil, isDurable: Bool = false)
        throws(EngineError)
    {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .system("creating", on: path, errno) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("writing", on: path, errno) }
            written += count
        }
        // The mode of open(2) is subject to the daemon's umask.
        guard fchmod(descriptor, mode) == 0 else { throw .system("setting the mode of", on: path, errno) }
        if let owner, fchown(descriptor, owner.0, owner.1) != 0 { throw .system("giving away", on: path, errno) }
        if isDurable, fsync(descriptor) != 0 { throw .system("syncing", on: path, errno) }
    }

    /// Writes to a file of the kernel's, which can't be renamed onto.
    static func overwrite(_ path: FilePath, with text: String) throws(EngineError) {
        let descriptor = open(path.string, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("opening", on: path.string, errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw .system("writing", on: path.string, errno) }
    }

    static func makeFolder(_ path: FilePath, mode: mode_t = 0o700) throws(EngineError) {
        guard mkdir(path.string, mode) == 0 || errno == EEXIST else { throw .system("creating", on: path.string, errno) }
    }

    private static func syncFolder(_ path: FilePath) throws(EngineError) {
        let descriptor = open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("opening", on: path.string, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("syncing", on: path.string, errno) }
    }

    /// The names in a folder, without `.` and `..`; none when it is not there.
    static func names(in path: FilePath) -> [String] {
        guard let folder = opendir(path.string) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

    /// Removes a folder of ours and what is in it, without following links. What is not there is not missed.
    static func removeTree(_ path: FilePath) {
        var information = stat()
        guard lstat(path.string, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            unlink(path.string)
            return
        }
        for name in names(in: path) { removeTree(path.appending(name)) }
        rmdir(path.string)
    }
}
