import Glibc
import Synchronization

/// What a user of a service sees.
struct TinyAnswer: Equatable {
    var status: Int
    var body: String
}

/// One request on a connection of its own; `nil` when there was no whole answer.
func ask(_ port: Int, host: String, path: String = "/", method: String = "GET") -> TinyAnswer? {
    guard let connection = Loopback.connect(port: port) else { return nil }
    defer { close(connection) }
    return ask(on: connection, MessageReader(connection), host: host, path: path, method: method)
}

func ask(on connection: Int32, _ reader: MessageReader, host: String, path: String, method: String) -> TinyAnswer? {
    guard Loopback.send("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 0\r\n\r\n", to: connection), let head = reader.head(),
        let body = reader.skipBody(of: head), let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return TinyAnswer(status: status, body: body)
}

/// Users that ask and ask, each over a connection that is kept alive, until they are told to stop.
final class TinyLoad: Sendable {
    struct Count: Sendable {
        var answers: [Int: Int] = [:]
        var bodies: [String: Int] = [:]
        var broken = 0
        var total: Int { answers.values.reduce(broken, +) }
    }
    private let isStopped = Mutex(false)
    private let running: Mutex<Int>
    private let counts = Mutex(Count())

    init(users: Int, port: Int, host: String, path: String = "/", method: String = "GET", requestsPerUser: Int = .max) {
        running = Mutex(users)
        for _ in 0..<users {
            startThread { [self] in
                run(port: port, host: host, path: path, method: method, limit: requestsPerUser)
                running.withLock { $0 -= 1 }
            }
        }
    }

    var count: Count { counts.withLock { $0 } }

    func stop() { isStopped.withLock { $0 = true } }

    /// Lets every user finish its request.
    func finish() async throws -> Count {
        stop()
        try await eventually("users to finish") { self.running.withLock { $0 == 0 } }
        return count
    }

    func finished() async throws -> Count {
        try await eventually("users to finish") { self.running.withLock { $0 == 0 } }
        return count
    }

    private func run(port: Int, host: String, path: String, method: String, limit: Int) {
        var done = 0
        while done < limit, !isStopped.withLock({ $0 }) {
            guard let connection = Loopback.connect(port: port) else {
                counts.withLock { $0.broken += 1 }
                done += 1
                continue
            }
            let reader = MessageReader(connection)
            var isUsed = false
            while done < limit, !isStopped.withLock({ $0 }) {
                let answer = ask(on: connection, reader, host: host, path: path, method: method)
                // A kept-alive connection that was closed between two requests is no failure: a user sends again (RFC 9112, 9.3.1).
                if answer == nil, isUsed { break }
                isUsed = true
                done += 1
                counts.withLock { count in
                    guard let answer else { count.broken += 1; return }
                    count.answers[answer.status, default: 0] += 1
                    count.bodies[answer.body, default: 0] += 1
                }
                if answer == nil { break }
            }
            close(connection)
        }
    }
}

struct Overdue: Error, CustomStringConvertible { var description: String }

/// Waits for a condition, at most 20 s.
func eventually(_ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while !(try await condition()) {
        guard ContinuousClock.now < deadline else { throw Overdue(description: "waited in vain for \(what)") }
        try await ContinuousClock().sleep(for: .milliseconds(2))
    }
}
