import Foundation

/// One connection of a user, plain and blocking: what goes wrong on it is the doing of what it is connected to.
final class UserConnection {
    struct Answer {
        var status: Int
        var body: String
        /// `name=value`, without its attributes.
        var setCookie: String?
    }

    private let descriptor: Int32
    private let host: String
    private var rest: [UInt8] = []
    private(set) var isUsed = false

    /// `nil` where nobody listens.
    init?(port: Int, host: String) {
        self.host = host
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
        }
        guard isConnected else { return nil }
        wait(atMost: 30)
    }

    deinit { close(descriptor) }

    /// How long it is waited for bytes that do not come.
    private func wait(atMost seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    // MARK: Requests

    /// `nil` when the connection ended before there was a whole answer.
    func ask(_ method: String, _ path: String, headers: [String] = []) -> Answer? {
        guard begin(method, path, headers: headers), let (status, head) = head(), let body = body(of: head) else { return nil }
        isUsed = true
        return Answer(status: status, body: body, setCookie: header("set-cookie", in: head).map { String($0.prefix { $0 != ";" }) })
    }

    func begin(_ method: String, _ path: String, headers: [String] = []) -> Bool {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"] + (method == "POST" ? ["Content-Length: 0"] : []) + headers
        return send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }

    func head() -> (status: Int, text: String)? {
        while true {
            if let end = (0..<max(0, rest.count - 3)).first(where: { rest[$0...].starts(with: [13, 10, 13, 10]) }) {
                let text = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeFirst(end + 4)
                guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
                return (status, text)
            }
            guard fill() else { return nil }
        }
    }

    private func body(of head: String) -> String? {
        take(header("content-length", in: head).flatMap { Int($0) } ?? 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private func header(_ name: String, in head: String) -> String? {
        let line = head.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("\(name):") }
        return line.map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    // MARK: Bytes

    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func take(_ count: Int) -> [UInt8]? {
        while rest.count < count { guard fill() else { return nil } }
        defer { rest.removeFirst(count) }
        return Array(rest[..<count])
    }

    /// Whatever comes next.
    func takeSome() -> [UInt8]? {
        guard !rest.isEmpty || fill() else { return nil }
        defer { rest = [] }
        return rest
    }

    private func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest += buffer[..<count]
            return true
        }
    }
}
