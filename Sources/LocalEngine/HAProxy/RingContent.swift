import Engine
import Glibc

/// What the ring of requests holds at this moment.
enum RingContent {
    /// Whether the record with this number is still there.
    static func contains(_ number: Int, socketPath: String) throws -> Bool {
        let socket = try RuntimeSocket.connect(to: socketPath)
        defer { close(socket) }
        try RuntimeSocket.send(Array("show events requests\n".utf8), to: socket)
        var buffer = [UInt8](repeating: 0, count: 262_144)
        var rest: [UInt8] = []
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest += buffer[..<count]
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            if rest[..<end].split(separator: UInt8(ascii: "\n")).contains(where: { RequestRecord.number($0) == number }) { return true }
            rest.removeFirst(end + 1)
        }
    }
}
