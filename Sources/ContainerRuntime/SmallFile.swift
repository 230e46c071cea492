import Glibc

/// Reading and writing of small files, the kernel's among them, whose size is not known beforehand.
enum SmallFile {
    static func bytes(at path: String, limit: Int) throws(RuntimeError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .systemCall("open", on: path, errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .systemCall("read", on: path, errno: errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw RuntimeError(code: "runtime.file-too-large", message: "\(path) is larger than \(limit) bytes")
    }

    static func text(at path: String, limit: Int) throws(RuntimeError) -> String {
        String(decoding: try bytes(at: path, limit: limit), as: UTF8.self)
    }

    /// Writes a file that need not survive a crash of the machine: a bundle's, which nothing reads after one.
    static func write(_ bytes: [UInt8], to path: String) throws(RuntimeError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .systemCall("open", on: path, errno: errno) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .systemCall("write", on: path, errno: errno) }
            written += count
        }
    }
}

enum Folder {
    /// The names in a folder, without `.` and `..`.
    static func names(in path: String) throws(RuntimeError) -> [String] {
        guard let folder = opendir(path) else { throw .systemCall("opendir", on: path, errno: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

enum SystemErrorText {
    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
