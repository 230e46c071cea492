import Glibc
import IngotModel

/// Files and folders that are nobody's business but the daemon's.
enum PrivateFile {
    /// Makes a folder with this mode, or checks that it is ours. One that is there, put back from a backup perhaps, gets the mode when that keeps
    /// others out.
    static func makeFolder(_ path: String, mode: mode_t) throws {
        if mkdir(path, mode) != 0 {
            guard errno == EEXIST else { throw failed("make the folder", path, "mkdir") }
            try checkOwner(path)
            guard mode & 0o077 == 0 else { return }
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
        try write(to: name, in: folder) { try writeAll(bytes[...], to: $0, "\(folder)/\(name)") }
    }

    /// Writes a file anew with the content that it has, of any length. Does nothing when there is none, or nothing in it.
    static func rewrite(_ name: String, in folder: String) throws {
        let path = "\(folder)/\(name)"
        let source = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard source >= 0 else {
            if errno == ENOENT { return }
            throw failed("read", path, "open")
        }
        defer { close(source) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var count = try readOnce(source, &buffer, path)
        guard count > 0 else { return }
        try write(to: name, in: folder) { descriptor in
            while count > 0 {
                try writeAll(buffer[..<count], to: descriptor, path)
                count = try readOnce(source, &buffer, path)
            }
        }
    }

    /// Removes what a process left that ended while it wrote. Only for whoever alone writes there.
    static func removeUnfinished(in folder: String) throws {
        guard let listing = opendir(folder) else { throw failed("list", folder, "opendir") }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = entry.name
            // As `temporaryName` makes them.
            let parts = name.split(separator: ".")
            guard name.hasPrefix("."), parts.count > 2, parts.suffix(2).allSatisfy({ UInt32($0) != nil }) else { continue }
            unlink("\(folder)/\(name)")
        }
    }

    private static func temporaryName(_ name: String) -> String { ".\(name).\(getpid()).\(UInt32.random(in: 0 ... .max))" }

    private static func write(to name: String, in folder: String, _ body: (CInt) throws -> Void) throws {
        let path = "\(folder)/\(name)"
        let temporary = "\(folder)/\(temporaryName(name))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failed("write", path, "open") }
        defer { close(descriptor) }
        do {
            try body(descriptor)
            guard fsync(descriptor) == 0 else { throw failed("write", path, "fsync") }
            guard rename(temporary, path) == 0 else { throw failed("write", path, "rename") }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncFolder(folder)
    }

    private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: CInt, _ path: String) throws {
        var rest = bytes
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

    private static func readOnce(_ descriptor: CInt, _ buffer: inout [UInt8], _ path: String) throws -> Int {
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            guard errno == EINTR else { throw failed("read", path, "read") }
        }
    }

    /// Reads a regular file whole; `nil` when there is none.
    ///
    /// - Parameter isKey: whether it is a key: one that others may read is none any more.
    static func read(_ path: String, limit: ByteSize, isKey: Bool = false) throws -> [UInt8]? {
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
        guard !isKey || (status.st_uid == geteuid() && status.st_mode & 0o077 == 0) else {
            throw ControlError.system(
                "key-readable-by-others", "\(path) is a key, and others than the daemon's user may read or write it",
                remedy: "if nobody has read it: chown it to the daemon's user, and chmod 600 \(path)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try readOnce(descriptor, &buffer, path)
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

extension UnsafeMutablePointer<dirent> {
    /// Read where it lies: an entry is as long as its name, and to copy a whole `dirent` reads beyond the folder's buffer (readdir(3)).
    var name: String { withUnsafeBytes(of: &pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } }
}
