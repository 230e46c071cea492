import Glibc

/// A folder of one's own below `/tmp`, for a bundle that lives as long as a command.
struct TemporaryFolder {
    let path: String

    init(prefix: String) throws(RuntimeError) {
        var template = Array("/tmp/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .systemCall("mkdtemp", on: "/tmp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func makeFolder(_ name: String) throws(RuntimeError) {
        guard mkdir("\(path)/\(name)", 0o755) == 0 else { throw .systemCall("mkdir", on: "\(path)/\(name)", errno: errno) }
    }

    /// Removes it with all that it holds. Never leaves its file system, so that a mount inside is not emptied.
    func remove() {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        Self.remove(path, device: status.st_dev)
    }

    private static func remove(_ path: String, device: dev_t) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_dev == device else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in (try? Folder.names(in: path)) ?? [] { remove("\(path)/\(name)", device: device) }
        rmdir(path)
    }
}
