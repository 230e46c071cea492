import Foundation
import Synchronization

/// Users of every kind but the fastest (see `Wrk`), each on a thread of its own, until they are told to end.
final class Users: Sendable {
    enum Kind: Hashable, Sendable, CaseIterable {
        /// One request after the other on a connection that is kept alive.
        case keptAlive
        /// The same by somebody who keeps cookies.
        case visitor
        /// Requests that take 5 s; the one harmless to send again, the other not.
        case slowGet, slowPost
        /// WebSockets with a message every 200 ms, and server-sent events. Who was closed comes back.
        case socket, events
    }

    private let port: Int
    private let host: String
    private let counts = Mutex<[Kind: UserCount]>([:])
    private let isEnding = Mutex(false)
    private let running: Mutex<Int>

    init(_ numbers: [Kind: Int], port: Int, host: String) {
        self.port = port
        self.host = host
        running = Mutex(numbers.values.reduce(0, +))
        for (kind, number) in numbers {
            for _ in 0..<number {
                Thread.detachNewThread { [self] in
                    while !hasEnded { live(as: kind) }
                    running.withLock { $0 -= 1 }
                }
            }
        }
    }

    subscript(kind: Kind) -> UserCount { counts.withLock { $0[kind] ?? UserCount() } }
    var all: UserCount { counts.withLock { $0.values.reduce(UserCount(), +) } }

    /// Lets each end what it has begun.
    func end() async throws {
        isEnding.withLock { $0 = true }
        try await eventually("the users to end") { self.running.withLock { $0 == 0 } }
    }

    /// One request more, on a connection of its own; counted with those of `keptAlive`.
    func askOnce() -> UserConnection.Answer? {
        let answer = UserConnection(port: port, host: host)?.ask("GET", "/")
        count(.keptAlive) { count in
            count.sent += 1
            if let answer { count.note(answer) } else { count.broken += 1 }
        }
        return answer
    }

    private var hasEnded: Bool { isEnding.withLock { $0 } }
    private func count(_ kind: Kind, _ change: (inout UserCount) -> Void) { counts.withLock { change(&$0[kind, default: UserCount()]) } }

    /// The pace of a user, not a wait for something.
    private func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

    // MARK: One connection's life

    private func live(as kind: Kind) {
        if kind == .visitor { return visit() }
        guard let connection = UserConnection(port: port, host: host) else {
            count(kind) { $0.unreachable += 1 }
            return pause(milliseconds: 20)
        }
        switch kind {
        case .keptAlive, .visitor: ask(connection, kind, "GET", "/")
        case .slowGet: ask(connection, kind, "GET", "/slow?seconds=5")
        case .slowPost: ask(connection, kind, "POST", "/slow?seconds=5")
        case .socket: echo(on: connection)
        case .events: listen(on: connection)
        }
    }

    private func ask(
        _ connection: UserConnection, _ kind: Kind, _ method: String = "GET", _ path: String = "/", headers: () -> [String] = { [] },
        _ take: (UserConnection.Answer) -> Void = { _ in }
    ) {
        while !hasEnded {
            let wasUsed = connection.isUsed
            count(kind) { $0.sent += 1 }
            let answer = connection.ask(method, path, headers: headers())
            count(kind) { count in
                if let answer { return count.note(answer) }
                if wasUsed { count.sentAgain += 1 } else { count.broken += 1 }
            }
            guard let answer else { return }
            take(answer)
            if answer.status != 200 { pause(milliseconds: 20) }
        }
    }

    /// Until the load ends, over as many connections as it takes.
    private func visit() {
        var (cookie, met): (String?, [String]) = (nil, [])
        while !hasEnded {
            guard let connection = UserConnection(port: port, host: host) else {
                count(.visitor) { $0.unreachable += 1 }
                pause(milliseconds: 20)
                continue
            }
            ask(connection, .visitor, headers: { cookie.map { ["Cookie: \($0)"] } ?? [] }) { answer in
                cookie = answer.setCookie ?? cookie
                guard answer.status == 200, met.last != answer.body else { return }
                if met.contains(answer.body) { count(.visitor) { $0.returns += 1 } }
                met.append(answer.body)
            }
        }
    }

    // MARK: Streams

    /// Whether it began; what it was refused by is counted.
    private func begin(_ connection: UserConnection, _ kind: Kind, _ path: String, _ headers: [String], status wanted: Int) -> Bool {
        count(kind) { $0.sent += 1 }
        let status = connection.begin("GET", path, headers: headers) ? connection.head()?.status : nil
        count(kind) { count in
            guard let status else { return count.broken += 1 }
            if status == wanted { count.answered += 1 } else { count.refused[status, default: 0] += 1 }
        }
        if status != wanted { pause(milliseconds: 20) }
        return status == wanted
    }

    private func wasClosed(_ kind: Kind) { count(kind) { $0.closings.append(Date().timeIntervalSince1970) } }

    private func echo(on connection: UserConnection) {
        let headers = [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        guard begin(connection, .socket, "/socket", headers, status: 101) else { return }
        // A final text message "tick", masked by zeros (RFC 6455, section 5.2), and what comes back of it.
        let (message, reply) = ([0x81, 0x84, 0, 0, 0, 0] + Array("tick".utf8), [0x81, 0x04] + Array("tick".utf8))
        while !hasEnded {
            guard connection.send(message), let back = connection.take(reply.count), back == reply else { return wasClosed(.socket) }
            count(.socket) { $0.echoes += 1 }
            pause(milliseconds: 200)
        }
        count(.socket) { $0.left += 1 }
    }

    private func listen(on connection: UserConnection) {
        guard begin(connection, .events, "/events", ["Accept: text/event-stream"], status: 200) else { return }
        while !hasEnded {
            guard let bytes = connection.takeSome() else { return wasClosed(.events) }
            count(.events) { $0.echoes += bytes.count { $0 == UInt8(ascii: ":") } }
        }
        count(.events) { $0.left += 1 }
    }
}
