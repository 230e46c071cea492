import Engine
import IngotModel

/// New servers whose first check is awaited, and those of them that HAProxy has overlooked.
///
/// HAProxy looks after a new server's check once its first interval is over, which is milliseconds. If the server is still in maintenance by then,
/// or its checks are off, it looks again only after the interval of a server that is up, a second. To change either takes a command of its own,
/// and a HAProxy under full load does other work between two commands, so that happens. Such a server is taken out and added again.
///
/// Source: HAProxy 2.6, src/check.c, `process_chk_conn`, "health-check paused or disabled".
struct FirstChecks: Sendable {
    private var arrivals: [ServerName: Arrival] = [:]

    private struct Arrival {
        var at: ContinuousClock.Instant
        var startInterval: Duration
        var attempts: Int
    }

    /// Takes note of servers that have been added.
    mutating func note(_ commands: [RuntimeCommand], at now: ContinuousClock.Instant) {
        for case .addServer(_, let server) in commands {
            let attempts = (arrivals[server.name]?.attempts ?? 0) + 1
            arrivals[server.name] = Arrival(at: now, startInterval: server.readiness.startInterval.duration, attempts: attempts)
        }
    }

    /// The servers among these whose first check should have begun. Those that nobody here has added were added by a daemon before, or woken
    /// from maintenance. One that is overlooked again and again is left to HAProxy, which takes its second.
    mutating func overlooked(_ servers: [ServerInForce], at now: ContinuousClock.Instant) -> [ServerInForce] {
        for server in servers where server.hasBegunChecks { arrivals[server.name] = nil }
        return servers.filter { server in
            guard !server.isRunning, server.isChecked, !server.hasBegunChecks, server.administration == .ready else { return false }
            guard let arrival = arrivals[server.name] else { return true }
            return arrival.attempts < RouterLimits.firstCheckAttempts && now - arrival.at > arrival.startInterval + RouterPace.inTransition
        }
    }

    /// Forgets servers that nobody wants any more.
    mutating func forget(_ names: [ServerName]) { for name in names { arrivals[name] = nil } }
}
