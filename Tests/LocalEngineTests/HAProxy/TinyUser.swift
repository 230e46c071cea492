import Glibc
import IngotModel
import Simulation
import Synchronization

/// A user as the conformance suite wants one, over real connections. Services are named by their release's number.
struct TinyUser: ServiceUser {
    let port: Int
    let host: String
    let services: [TinyService]
    private let begun = Counter()

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }

    init(port: Int, host: String, services: [TinyService]) {
        self.port = port
        self.host = host
        self.services = services
    }

    func ask(headers: [String: String], cookies: [String: String]) async throws -> UserAnswer? {
        guard let connection = Loopback.connect(port: port) else { return nil }
        defer { close(connection) }
        var lines = headers.map { "\($0.key): \($0.value)" }
        if !cookies.isEmpty { lines.append("Cookie: " + cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ")) }
        let reader = MessageReader(connection)
        guard Loopback.send(Self.request("/cookies", host, lines), to: connection), let head = reader.head(), let body = reader.skipBody(of: head),
            let release = body.split(separator: "\n").first.flatMap({ Int($0) })
        else { return nil }
        let received = body.split(separator: "\n").dropFirst().first.map { Self.pairs($0[...], separator: ";") } ?? [:]
        let set = MessageReader.header("set-cookie", in: head).map { Self.pairs($0.prefix { $0 != ";" }, separator: ";") } ?? [:]
        return UserAnswer(release: ReleaseNumber(release), receivedCookies: received, setCookies: set)
    }

    func beginRequest() async throws -> any OngoingExchange {
        let path = "/hold/\(begun.next())"
        let services = services
        return try TinyExchange(Self.request(path, host), port: port) { services.forEach { $0.released.withLock { _ = $0.insert(path) } } }
    }

    /// Connections that are upgraded and server-sent events, in turns.
    func openStream() async throws -> any OngoingExchange {
        if begun.next() % 2 == 0 { return try TinyExchange(Self.request("/events", host, ["Accept: text/event-stream"]), port: port) }
        return try TinyExchange(
            Self.request("/ws", host, ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]), port: port)
    }

    private static func request(_ path: String, _ host: String, _ lines: [String] = []) -> String {
        "GET \(path) HTTP/1.1\r\n" + (["Host: \(host)"] + lines).map { "\($0)\r\n" }.joined() + "\r\n"
    }

    private static func pairs(_ text: Substring, separator: Character) -> [String: String] {
        let pairs = text.split(separator: separator).compactMap { part -> (String, String)? in
            let words = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            return words.count == 2 ? (String(words[0]), String(words[1])) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}

/// A connection on which something goes on.
final class TinyExchange: OngoingExchange {
    private let descriptor: Mutex<Int32>
    private let release: (@Sendable () -> Void)?

    init(_ request: String, port: Int, release: (@Sendable () -> Void)? = nil) throws {
        guard let connection = Loopback.connect(port: port), Loopback.send(request, to: connection) else {
            throw Overdue(description: "no connection for \(request.prefix(20))")
        }
        descriptor = Mutex(connection)
        self.release = release
    }

    deinit { descriptor.withLock { if $0 >= 0 { close($0) } } }

    func isOpen() async throws -> Bool {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return false }
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count > 0 { continue }
                return count < 0 && errno == EAGAIN
            }
        }
    }

    func end() async throws {
        if let release { return release() }
        descriptor.withLock { descriptor in
            close(descriptor)
            descriptor = -1
        }
    }
}

/// Asks again and again, for 20 s at most.
struct RealPatience: Patience {
    func wait(for what: String, until condition: () async throws -> Bool) async throws { try await eventually(what, condition) }
}
