import Glibc
import IngotModel

/// Files and folders that are nobody's business but the daemon's.
enum PrivateFile {
    /// Makes a folder with this mode, or checks that it is ours.
    static func makeFolder(_ path: String, mode: mode_t) throws {
        guard mkdir(path, mode) == 0 else {
            guard errno == EEXIST else { throw failed("make the folder", path, "mkdir") }
            return try checkOwner(path)
        }
        // mkdir's mode is narrowed by the process's umask.
        guard chmod(path, mode) == 0 else { throw failed("set the mode of", path, "chmod") }
    }

    /// - Throws: when the path is no folder, belongs to somebody else, or can be written by others.
    static func checkOwner(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failed("look at", path, "stat") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw ControlError("root-not-a-folder", "\(path) is not a folder", remedy: "choose another with --root or INGOT_ROOT")
        }
        guard status.st_uid == geteuid() else {
            throw ControlError(
                "root-of-another-user", "\(path) belongs to user \(status.st_uid), and the daemon runs as user \(geteuid())",
                remedy: "run the daemon as that user, or choose another folder with --root or INGOT_ROOT")
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw ControlError("root-writable-by-others", "\(path) can be written by others", remedy: "chmod go-w \(path)")
        }
    }

    /// Writes a file that is there wholly or not at all, and survives a power cut.
    static func write(_ bytes: [UInt8], to name: String, in folder: String) throws {
        let path = "\(folder)/\(name)"
        let temporary = "\(folder)/.\(name).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failed("write", path, "open") }
        defer { close(descriptor) }
        do {
            try writeAll(bytes, to: descriptor, path)
            guard fsync(descriptor) == 0 else { throw failed("write", path, "fsync") }
            guard rename(temporary, path) == 0 else { throw failed("write", path, "rename") }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncFolder(folder)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: CInt, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written >= 0 else {
                if errno == EINTR { continue }
                throw failed("write", path, "write")
            }
            rest = rest.dropFirst(written)
        }
    }

    static func syncFolder(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("sync", folder, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("sync", folder, "fsync") }
    }

    /// Reads a regular file whole; `nil` when there is none.
    static func read(_ path: String, limit: ByteSize) throws -> [UInt8]? {
        // Without blocking, so that a pipe in a file's place does not hold up the daemon.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failed("read", path, "open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed("read", path, "fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ControlError.invalid("\(path) is not a regular file") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw failed("read", path, "read")
            }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit.bytes else {
                throw ControlError("file-too-large", "\(path) is larger than \(limit)", remedy: "give a smaller file")
            }
        }
    }

    static func failed(_ what: String, _ path: String, _ call: String) -> ControlError {
        .system(
            "file-failed", "could not \(what) \(path)", remedy: "check the disk and the permissions", cause: SystemCallError(call: call, code: errno))
    }
}
