import CLinux
import Glibc
import SystemPackage

/// Small file operations, each told in a ``BuildError`` that names the path.
enum Files {
    static func makeFolder(_ path: FilePath, mode: mode_t = 0o700) throws(BuildError) {
        guard mkdir(path.string, mode) != 0, errno != EEXIST else { return }
        throw .system("make the folder", path.string, number: errno)
    }

    static func makeFolders(_ path: FilePath, mode: mode_t = 0o700) throws(BuildError) {
        guard access(path.string, F_OK) != 0 else { return }
        try makeFolders(path.removingLastComponent(), mode: 0o755)
        try makeFolder(path, mode: mode)
    }

    /// The whole of a file; `nil` when there is none. Files of the kernel have no size, so it is read until there is no more.
    static func read(_ path: FilePath, limit: Int) throws(BuildError) -> [UInt8]? {
        let file = open(path.string, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .system("open", path.string, number: errno)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .system("read", path.string, number: EINVAL) }
        guard status.st_size <= limit else { throw BuildError("file-too-large", "\(path) is larger than \(limit) bytes") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var filled = 0
        while true {
            if filled == bytes.count { bytes += [UInt8](repeating: 0, count: 4_096) }
            let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress.map { $0 + filled }, $0.count - filled) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("read", path.string, number: errno) }
            if count == 0 { return Array(bytes[..<filled]) }
            filled += count
            guard filled <= limit else { throw BuildError("file-too-large", "\(path) is larger than \(limit) bytes") }
        }
    }

    /// Writes a file whole or not at all: to another name in its folder, synced, then renamed.
    static func write(_ bytes: [UInt8], to path: FilePath) throws(BuildError) {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("write", temporary, number: errno) }
        defer { close(file) }
        guard writeAll(bytes, to: file), fsync(file) == 0, rename(temporary, path.string) == 0 else {
            let number = errno
            unlink(temporary)
            throw .system("write", path.string, number: number)
        }
        synchronizeFolder(of: path)
    }

    private static func synchronizeFolder(of path: FilePath) {
        let folder = open(path.removingLastComponent().string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    static func writeAll(_ bytes: [UInt8], to file: CInt) -> Bool {
        bytes.withUnsafeBytes { raw in
            var done = 0
            while done < raw.count {
                let count = Glibc.write(file, raw.baseAddress.map { $0 + done }, raw.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    /// The names in a folder; none when there is no such folder.
    static func names(_ path: FilePath) -> [String] {
        guard let stream = opendir(path.string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a folder and all below it, following no link and entering no mount. What can't be removed stays; the next
    /// cleaning tries again.
    static func removeTree(_ path: FilePath) {
        let top = open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else { return }
        defer { close(top) }
        var hoisted = 0
        repeat {
            let before = hoisted
            removeEntries(ofOpen: openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), depth: 0, top: top, &hoisted)
            if hoisted == before { break }
        } while true
        rmdir(path.string)
    }

    /// Folders that lie deeper are moved to the top first: each level takes a descriptor, and how deep a tree is was decided
    /// by others.
    private static let deepestLevel = 64

    private static func removeEntries(ofOpen descriptor: CInt, depth: Int, top: CInt, _ hoisted: inout Int) {
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            close(descriptor)
            return
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = entry.bytes
            if name == [46, 0] || name == [46, 46, 0] { continue }
            if unlinkat(dirfd(stream), name, 0) == 0 { continue }
            if depth >= deepestLevel, renameat(dirfd(stream), name, top, ".ingot-\(hoisted)") == 0 {
                hoisted += 1
                continue
            }
            // Never into what is mounted there: it may be a user's folder.
            let child = ingot_build_open_own_folder(dirfd(stream), name)
            guard child >= 0 else { continue }
            removeEntries(ofOpen: child, depth: depth + 1, top: top, &hoisted)
            unlinkat(dirfd(stream), name, AT_REMOVEDIR)
        }
    }
}
