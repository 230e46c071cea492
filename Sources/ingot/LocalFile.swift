import Glibc
import IngotModel

/// Files of the user, read and written whole.
enum LocalFile {
    /// The text of a file; `nil` when there is none.
    static func read(_ path: String, limit: ByteSize) throws -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw CommandError.notRead(path, reason(errno))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandError.notRead(path, reason(errno)) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= limit.bytes else { throw CommandError.notRead(path, "it is larger than \(limit)") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw CommandError.notRead(path, "it is not UTF-8") }
        return text
    }

    /// Writes a file that does not exist yet, whole or not at all; `false` when there is one.
    static func create(_ path: String, _ text: String, mode: mode_t = 0o644) throws -> Bool {
        try withTemporary(path, text, mode) { temporary in
            // link, unlike rename, does not replace what somebody made meanwhile.
            if link(temporary, path) == 0 { return true }
            guard errno == EEXIST else { throw notWritten(path) }
            return false
        }
    }

    /// Writes a file whole or not at all, over one that was there.
    static func replace(_ path: String, _ text: String) throws {
        try withTemporary(path, text) { temporary in
            guard rename(temporary, path) == 0 else { throw notWritten(path) }
        }
    }

    private static func withTemporary<Result>(
        _ path: String, _ text: String, _ mode: mode_t = 0o644, _ body: (String) throws -> Result
    ) throws -> Result {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw notWritten(path) }
        defer {
            close(descriptor)
            unlink(temporary)
        }
        try writeAll(text, to: descriptor, path)
        return try body(temporary)
    }

    private static func writeAll(_ text: String, to descriptor: CInt, _ path: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw notWritten(path) }
            bytes = bytes.dropFirst(written)
        }
        guard fsync(descriptor) == 0 else { throw notWritten(path) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func notWritten(_ path: String) -> CommandError {
        CommandError("file-not-written", "\(path) could not be written: \(reason(errno))", fault: .world)
    }

    private static func reason(_ code: CInt) -> String { String(cString: strerror(code)) }
}
