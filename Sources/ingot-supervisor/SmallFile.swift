import Glibc

/// Reading and writing of small files.
enum SmallFile {
    static func text(at path: String, limit: Int) throws(SupervisorError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .systemCall("open", on: path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= limit {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .systemCall("read", on: path) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
        throw SupervisorError("\(path) is larger than \(limit) bytes")
    }

    /// Writes a kernel setting; one that this kernel does not have is no error.
    static func writeSetting(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = writeAll(Array(text.utf8), to: file)
        close(file)
    }

    /// Replaces a file whole: a reader sees the old or the new one.
    ///
    /// - Parameter survivesCrash: whether it must be on the disk when this returns.
    static func replace(_ path: String, with text: String, survivesCrash: Bool) throws(SupervisorError) {
        let temporary = "\(path).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .systemCall("open", on: temporary) }
        let isWritten = writeAll(Array(text.utf8), to: file) && (!survivesCrash || fsync(file) == 0)
        close(file)
        guard isWritten, rename(temporary, path) == 0 else { throw .systemCall("write", on: path) }
        if survivesCrash { syncFolder(of: path) }
    }

    private static func syncFolder(of path: String) {
        let folder = open(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    /// Whether all of it was written; `errno` says why not.
    static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
