import Foundation
import Testing

/// One thing that is done under full load: what the users counted of it, and what the router did.
struct LoadedPhase {
    static let numbers: [Users.Kind: Int] = [.keptAlive: 4, .visitor: 2, .slowGet: 4, .slowPost: 4, .socket: 50, .events: 6]

    var name: String
    var users: [Users.Kind: UserCount] = [:]
    var wrk: Wrk.Count
    var router: RouterCount

    /// Brings up the load, lets something be done, and ends the load when all is at rest again.
    ///
    /// - Parameter action: gives the body that users must be answered by at the end.
    static func run(
        _ name: String, on service: LoadedService, action: (Users) async throws -> String
    ) async throws -> LoadedPhase {
        let workspace = service.workspace
        let before = try await service.routerCount()
        let wrk = try Wrk(port: workspace.port, host: workspace.host, output: workspace.folder.appendingPathComponent("wrk-\(UUID().uuidString)"))
        let users = Users(Self.numbers, port: workspace.port, host: workspace.host)
        do {
            try await eventually("everybody to be served") {
                users[.socket].answered >= 50 && users[.events].answered >= 6 && users[.keptAlive].answered > 20 && users[.slowPost].sent >= 4
            }
            let body = try await action(users)
            try await service.settle()
            let seen = users[.keptAlive].bodies[body] ?? 0
            try await eventually("\(body) to answer") { users[.keptAlive].bodies[body] ?? 0 > seen + 20 }
        } catch {
            _ = try? await wrk.end()
            try? await users.end()
            throw error
        }
        let fast = try await wrk.end()
        try await users.end()
        var phase = LoadedPhase(
            name: name, users: Dictionary(uniqueKeysWithValues: Users.Kind.allCases.map { ($0, users[$0]) }), wrk: fast,
            router: try await service.routerCount() - before)
        // The last records are on their way.
        try? await eventuallyAgrees {
            phase.router = try await service.routerCount() - before; return phase.difference.isEmpty
        }
        print(phase.row)
        return phase
    }

    /// Waits for 5 s at most; what does not agree then is told by who asked.
    private static func eventuallyAgrees(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline, !(try await condition()) { try await Task.sleep(for: .milliseconds(50)) }
    }

    // MARK: Comparing

    var all: UserCount { users.values.reduce(UserCount(), +) }
    private var requests: [UserCount] { [.keptAlive, .visitor, .slowGet, .slowPost].compactMap { users[$0] } }
    var answered: Int { wrk.answers - wrk.refused + requests.reduce(0) { $0 + $1.answered } }
    /// By the users' own count.
    var failed: Int { wrk.refused + wrk.readErrors + wrk.timeouts + all.failed }
    var closings: [TimeInterval] { all.closings.sorted() }

    /// Where the router's count is not the users', in words; empty when they agree.
    ///
    /// They agree exactly but for what `wrk` has in flight when it is stopped, at most one request for each of its connections: it does not
    /// count them, and the router counts those as answered whose answer was whole.
    var difference: [String] {
        let left = users[.events]?.left ?? 0
        return [
            Self.compare("answered", router: router.successful, users: answered + left, tolerance: 0...Wrk.connections),
            Self.compare("failed", router: router.failed, users: failed, tolerance: 0...Wrk.connections),
            Self.compare("streams closed", router: router.streamsClosed, users: closings.count, tolerance: 0...0),
            Self.compare("sockets left", router: router.switched, users: users[.socket]?.left ?? 0, tolerance: 0...0),
        ].compactMap { $0 }
    }

    private static func compare(_ what: String, router: Int, users: Int, tolerance: ClosedRange<Int>) -> String? {
        tolerance.contains(router - users) ? nil : "\(what): the router counted \(router), the users \(users)"
    }

    // MARK: Telling

    static let header =
        "phase | answered | per s | failed | router: answered | failed | retried | streams closed | by users: closed, over s | sent again"

    var row: String {
        let span = closings.isEmpty ? "-" : String(format: "%.1f", (closings.last ?? 0) - (closings.first ?? 0))
        let columns: [Any] = [
            name, answered, Int(Double(answered) / wrk.seconds), failed, router.successful, router.failed, router.retried, router.streamsClosed,
            "\(closings.count), \(span)", all.sentAgain,
        ]
        return "load | " + columns.map { "\($0)" }.joined(separator: " | ")
    }
}
