import CLinux
import Dispatch
import Glibc
import Synchronization

/// A small HTTP service in this process, as an instance would be one: keep-alive, a readiness path, slow answers.
final class TinyService: Sendable {
    struct Behaviour: Sendable {
        /// What `/ready` answers; `nil` closes the connection without a word.
        var readiness: Int? = 200
        /// How long it takes to answer `/ready`.
        var readinessMilliseconds = 0
        /// How long `/slow` takes.
        var slowMilliseconds = 0
    }

    let port: Int
    let name: String
    let behaviour: Mutex<Behaviour>
    /// Requests other than those for readiness.
    let requests = Mutex(0)
    /// Connections that a request other than those for readiness came by.
    let usedConnections = Mutex(0)
    let checkedHosts = Mutex<Set<String>>([])
    /// What of `/hold/…` may be answered.
    let released = Mutex<Set<String>>([])
    private let listener: Mutex<Int32>
    private let connections = Mutex<Set<Int32>>([])

    init(_ name: String, port wanted: Int = 0, behaviour: Behaviour = Behaviour()) throws {
        self.name = name
        self.behaviour = Mutex(behaviour)
        let (descriptor, port) = try Loopback.listen(port: wanted)
        self.port = port
        listener = Mutex(descriptor)
        startThread { [self] in accept(on: descriptor) }
    }

    func stop() {
        listener.withLock { descriptor in
            guard descriptor >= 0 else { return }
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
            descriptor = -1
        }
        connections.withLock { $0.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    deinit { stop() }

    /// Connections that are open, checks' aside.
    var openConnections: Int { connections.withLock { $0.count } }

    private func accept(on listener: Int32) {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection < 0, errno == EINTR { continue }
            guard connection >= 0 else { return }
            connections.withLock { _ = $0.insert(connection) }
            startThread { [self] in
                serve(connection)
                connections.withLock { _ = $0.remove(connection) }
                close(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        let reader = MessageReader(connection)
        var isUsed = false
        while let head = reader.head() {
            let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? "/"
            if !isUsed, !path.hasPrefix("/ready") {
                isUsed = true
                usedConnections.withLock { $0 += 1 }
            }
            reader.skipBody(of: head)
            if path.hasPrefix("/ws") || path.hasPrefix("/events") { return stream(path, connection) }
            guard let answer = answer(to: path, head) else { return }
            guard Loopback.send(answer, to: connection) else { return }
        }
    }

    /// A stream that its other side ends.
    private func stream(_ path: String, _ connection: Int32) {
        requests.withLock { $0 += 1 }
        let head =
            path.hasPrefix("/ws")
            ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ndata:\n\n\r\n"
        guard Loopback.send(head, to: connection) else { return }
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) > 0 {}
    }

    private func answer(to path: String, _ head: String) -> String? {
        if path.hasPrefix("/ready") {
            if let host = MessageReader.header("host", in: head) { checkedHosts.withLock { _ = $0.insert("\(host)\(path)") } }
            wait(milliseconds: behaviour.withLock { $0.readinessMilliseconds })
            return behaviour.withLock { $0.readiness }.map { Self.response($0, "ready?") }
        }
        requests.withLock { $0 += 1 }
        if path.hasPrefix("/slow") { wait(milliseconds: behaviour.withLock { $0.slowMilliseconds }) }
        if path.hasPrefix("/status/"), let status = Int(path.dropFirst(8)) { return Self.response(status, name) }
        if path.hasPrefix("/break") { return nil }
        if path.hasPrefix("/cookies") { return Self.response(200, "\(name)\n\(MessageReader.header("cookie", in: head) ?? "")") }
        if path.hasPrefix("/hold") { while !released.withLock({ $0.contains(path) }) { wait(milliseconds: 1) } }
        return Self.response(200, name)
    }

    /// A slow answer is what is tested here, not a wait for something.
    private func wait(milliseconds: Int) {
        var time = timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        nanosleep(&time, nil)
    }

    private static func response(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

/// Sockets on 127.0.0.1.
enum Loopback {
    struct Failure: Error { var what: String; var number: Int32 }

    static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
        return address
    }

    static func listen(port: Int = 0) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = address(port: port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) } }
        guard bound == 0, Glibc.listen(descriptor, 1_024) == 0 else {
            let number = errno
            close(descriptor)
            throw Failure(what: "listen", number: number)
        }
        var length = size
        _ = withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) } }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> Int {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    static func connect(port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = address(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func send(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}

/// Reads HTTP/1.1 messages with a Content-Length from a socket.
final class MessageReader {
    private let descriptor: Int32
    private var rest: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The head of the next message; `nil` at the end of the connection.
    func head() -> String? {
        while true {
            if let end = endOfHead() {
                let head = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeFirst(end + 4)
                return head
            }
            guard fill() else { return nil }
        }
    }

    @discardableResult
    func skipBody(of head: String) -> String? {
        let length = Self.header("content-length", in: head).flatMap { Int($0) } ?? 0
        while rest.count < length { guard fill() else { return nil } }
        let body = String(decoding: rest[..<length], as: UTF8.self)
        rest.removeFirst(length)
        return body
    }

    static func header(_ name: String, in head: String) -> String? {
        head.split(whereSeparator: \.isNewline).compactMap { line -> String? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name else { return nil }
            return String(parts[1].drop { $0 == " " })
        }.first
    }

    private func endOfHead() -> Int? {
        guard rest.count >= 4 else { return nil }
        return (0...(rest.count - 4)).first { rest[$0] == 13 && rest[$0 + 1] == 10 && rest[$0 + 2] == 13 && rest[$0 + 3] == 10 }
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

/// Runs something on a thread of its own, which may block.
func startThread(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(body))
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_create(
        &thread, &attributes,
        { argument in
            if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    pthread_attr_destroy(&attributes)
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
