import Glibc

/// Who listens on a TCP port of this machine.
enum PortHolder {
    /// `nginx (process 812)`; `nil` when it can't be found out.
    static func description(of port: Int) -> String? {
        let inodes = Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeningInodes(in: text(of: $0), port: port) })
        guard !inodes.isEmpty else { return nil }
        for process in entries(of: "/proc") {
            guard let pid = Int32(process) else { continue }
            let holds = entries(of: "/proc/\(pid)/fd").contains { entry in
                target(of: "/proc/\(pid)/fd/\(entry)").map(inodes.contains) ?? false
            }
            if holds { return "\(text(of: "/proc/\(pid)/comm").trimmed) (process \(pid))" }
        }
        return nil
    }

    /// The names of the sockets, as `/proc/PID/fd` has them, that listen on a port.
    ///
    /// Source: proc_net(5), `/proc/net/tcp`: local address and port in hexadecimal, state 0A is LISTEN, the tenth field is the inode.
    static func listeningInodes(in table: String, port: Int) -> [String] {
        table.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 10, fields[3] == "0A", let digits = fields[1].split(separator: ":").last, Int(digits, radix: 16) == port
            else { return nil }
            return "socket:[\(fields[9])]"
        }
    }

    private static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while content.count < RouterLimits.answerBytes {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            content += buffer[..<count]
        }
        return String(decoding: content, as: UTF8.self)
    }

    private static func entries(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(withUnsafePointer(to: &entry.pointee.d_name) { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) })
        }
        return names
    }

    private static func target(of link: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = readlink(link, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
