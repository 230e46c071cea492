internal import CLinux
internal import Glibc
internal import SystemPackage

func currentErrno() -> Int32 { errno }

/// Opens a file for looking at it only. Source: Linux, `include/uapi/asm-generic/fcntl.h`; glibc shows it to GNU sources only.
let O_PATH: Int32 = 0o10000000

/// An open file, closed when nobody holds it any more. Every error names the path.
final class OpenFile: Sendable {
    let descriptor: Int32
    private let folder: FilePath?
    private let name: Name

    private enum Name {
        case path(FilePath)
        case below(PlatformPath)
    }

    /// For messages. Put together only when it is asked for: paths are slow, and there are thousands of files.
    var path: FilePath {
        switch name {
        case .path(let path): path
        case .below(let path): (folder ?? FilePath()).appending(path.filePath.components)
        }
    }

    init(adopting descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        folder = nil
        name = .path(path)
    }

    private init(adopting descriptor: Int32, folder: FilePath, below path: PlatformPath) {
        self.descriptor = descriptor
        self.folder = folder
        name = .below(path)
    }

    /// Opens a path below this folder, following no link at all.
    func open(below path: PlatformPath, _ flags: Int32) throws -> OpenFile {
        let descriptor = path.withBytes { ingot_open_beneath(self.descriptor, $0, flags | O_CLOEXEC) }
        guard descriptor >= 0 else { throw StoreError.system("openat2", self.path.appending(path.filePath.components), .last) }
        return OpenFile(adopting: descriptor, folder: self.path, below: path)
    }

    convenience init(_ path: FilePath, _ flags: Int32, mode: mode_t = 0) throws {
        let descriptor = path.withPlatformString { Glibc.open($0, flags | O_CLOEXEC, mode) }
        guard descriptor >= 0 else { throw StoreError.system("open", path, .last) }
        self.init(adopting: descriptor, path: path)
    }

    deinit { close(descriptor) }

    func status() throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StoreError.system("stat", path, .last) }
        return status
    }

    func size() throws -> Int { Int(try status().st_size) }

    /// Reads until the buffer is full or the file ends; returns how many bytes there were.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = pread(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(offset + filled))
            if count < 0 {
                if currentErrno() == EINTR { continue }
                throw StoreError.system("read", path, .last)
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        var written = 0
        while written < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written, off_t(offset + written))
            if count < 0 {
                if currentErrno() == EINTR { continue }
                throw StoreError.system("write", path, .last)
            }
            written += count
        }
    }

    /// Makes the file at least so long; what was not written reads as zeros.
    func extend(to size: Int) throws {
        guard try self.size() < size else { return }
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw StoreError.system("ftruncate", path, .last) }
    }

    /// Takes away what lies behind a length.
    func truncate(to size: Int) throws {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw StoreError.system("ftruncate", path, .last) }
    }

    /// Asks the disk to begin with these bytes, so that syncing the file at its end has little left to wait for.
    func beginWriteback(at offset: Int, count: Int) { ingot_begin_writeback(descriptor, Int64(offset), Int64(count)) }

    func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw StoreError.system("fsync", path, .last) }
    }
}

/// How much is read or written at once: large enough that a call costs nothing beside the bytes.
let chunkLength = 1 << 20

/// Memory for one chunk, at an address that direct I/O accepts.
final class ChunkBuffer {
    let bytes: UnsafeMutableRawBufferPointer
    init(count: Int = chunkLength) { bytes = .allocate(byteCount: count, alignment: 4096) }
    deinit { bytes.deallocate() }
}

/// Folders and small files.
enum Files {
    static func makeFolder(_ path: FilePath, mode: mode_t) throws {
        if path.withPlatformString({ mkdir($0, mode) }) == 0 { return }
        guard Errno.last == .fileExists else { throw StoreError.system("mkdir", path, .last) }
    }

    static func synchronizeFolder(_ path: FilePath) throws {
        try OpenFile(path, O_RDONLY | O_DIRECTORY).synchronize()
    }

    static func exists(_ path: FilePath) -> Bool {
        path.withPlatformString { access($0, F_OK) } == 0
    }

    /// The length of a regular file; `nil` when there is none.
    static func size(_ path: FilePath) throws -> Int? {
        guard exists(path) else { return nil }
        let status = try OpenFile(path, O_PATH | O_NOFOLLOW).status()
        return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    /// Whether a folder is there, also through a link. Throws when nothing is.
    static func isFolder(_ path: FilePath) throws -> Bool {
        try OpenFile(path, O_PATH).status().st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a folder that may have something in it again by now; then it stays.
    static func removeEmptyFolder(_ path: FilePath) throws {
        guard path.withPlatformString({ rmdir($0) }) != 0 else { return }
        guard [.directoryNotEmpty, .noSuchFileOrDirectory].contains(Errno.last) else { throw StoreError.system("rmdir", path, .last) }
    }

    /// Removes the file; that there is none is no error.
    static func remove(_ path: FilePath) throws {
        guard path.withPlatformString({ unlink($0) }) != 0, Errno.last != .noSuchFileOrDirectory else { return }
        throw StoreError.system("unlink", path, .last)
    }

    /// The names in a folder, sorted, without `.` and `..`; none when there is no such folder.
    static func names(in path: FilePath) throws -> [String] {
        guard let stream = path.withPlatformString({ opendir($0) }) else {
            if Errno.last == .noSuchFileOrDirectory { return [] }
            throw StoreError.system("opendir", path, .last)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = entry.name
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The whole of a small file, or `nil` when there is none.
    static func read(_ path: FilePath, limit: Int) throws -> [UInt8]? {
        guard exists(path) else { return nil }
        return try contents(of: OpenFile(path, O_RDONLY | O_NOFOLLOW), limit: limit)
    }

    static func contents(of file: OpenFile, limit: Int) throws -> [UInt8] {
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError(.systemCallFailed, "\(file.path) is not a file") }
        guard status.st_size <= limit else { throw StoreError.tooLarge("\(file.path)", limit: "\(limit) bytes") }
        return try Array(unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
    }
}

extension UnsafeMutablePointer<dirent> {
    /// The entry's name, as the kernel wrote it. Read where it lies: an entry is as long as its name, and to copy a whole `dirent` reads beyond
    /// the folder's buffer (readdir(3)).
    var name: String { String(decoding: nameBytes, as: UTF8.self) }

    var nameBytes: [UInt8] {
        withUnsafePointer(to: &pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                Array(UnsafeBufferPointer(start: bytes, count: strlen(UnsafePointer(OpaquePointer(bytes)))))
            }
        }
    }
}
