import Engine
import IngotModel

/// Ending some of what servers have in flight, and not all: `shutdown sessions server` knows no difference.
extension RouterCore {
    /// Cuts requests and closes streams, each by its own deadline.
    func endSessions(of environment: RoutedEnvironment, _ sight: RouteSight) throws {
        try cutRequests(of: environment.cutByRequest.filter { sight.requests($0) > 0 })
        try closeExcessStreams(of: environment, sight)
    }

    // MARK: Requests

    /// Cuts what servers have in flight and is no stream. What of it may be sent again is, elsewhere.
    ///
    /// HAProxy names a session by its address in memory. These servers are given no new one, so one that has ended meanwhile is not taken
    /// for another: each is asked for its server, and cut by the next command.
    private func cutRequests(of servers: Set<ServerName>) throws {
        guard !servers.isEmpty else { return }
        try cutRequests(of: servers, by: execute)
        // One that has just ended has nothing left to cut.
        for former in replaced { try? cutRequests(of: servers, by: former.execute) }
    }

    private func cutRequests(of servers: Set<ServerName>, by execute: ([RuntimeCommand]) throws -> [String]) throws {
        for session in try sessions(of: servers, by: execute) {
            guard let details = try details(of: [session], servers, by: execute).first, !details.isStream else { continue }
            _ = try execute([.shutDownSession(details.id)])
        }
    }

    private func sessions(of servers: Set<ServerName>, by execute: ([RuntimeCommand]) throws -> [String]) throws -> [SessionInForce] {
        SessionInForce.parse(try execute([.showSessions]).first ?? "").filter { servers.contains($0.server) }
    }

    /// Of those that are still there.
    private func details(
        of sessions: some Collection<SessionInForce>, _ servers: Set<ServerName>, by execute: ([RuntimeCommand]) throws -> [String]
    ) throws -> [SessionDetails] {
        let answers = try execute(sessions.map { .showSession($0.id) })
        return zip(sessions, answers).compactMap { SessionDetails($1, id: $0.id) }.filter { servers.contains($0.server) }
    }

    // MARK: Streams

    /// Closes the oldest streams of releases and instances that have more than they may.
    ///
    /// Which of a server's sessions are streams HAProxy says only of each by itself, so the oldest ones are asked, until enough are found.
    private func closeExcessStreams(of environment: RoutedEnvironment, _ sight: RouteSight) throws {
        for excess in StreamExcess.of(environment, sight) {
            // What a process that was replaced has is older than all that came after.
            var left = excess.count
            for former in replaced where left > 0 { left -= (try? close(left, of: excess.servers, by: former.execute)) ?? 0 }
            if left > 0 { _ = try close(left, of: excess.servers, by: execute) }
        }
    }

    /// - Returns: how many were closed.
    private func close(_ count: Int, of servers: Set<ServerName>, by execute: ([RuntimeCommand]) throws -> [String]) throws -> Int {
        func open() throws -> Int {
            let table = StreamTable.parse(try execute([.showStreams]).first ?? "")
            return servers.reduce(0) { $0 + (table[$1] ?? 0) }
        }
        let before = try open()
        let sessions = try sessions(of: servers, by: execute).sorted { $0.ageSeconds > $1.ageSeconds }
        let streams = try oldestStreams(min(count, before), among: sessions, of: servers, by: execute)
        _ = try execute(streams.map { .shutDownSession($0.id) })
        // What was closed must be gone before the next look, or others would be closed in its place.
        _ = try HAProxyProcess.poll(for: RouterLimits.closing) { try open() <= before - streams.count ? true : nil }
        return streams.count
    }

    private func oldestStreams(
        _ count: Int, among sessions: [SessionInForce], of servers: Set<ServerName>, by execute: ([RuntimeCommand]) throws -> [String]
    ) throws -> [SessionDetails] {
        var found: [SessionDetails] = []
        var rest = sessions[...]
        while found.count < count, let youngest = rest.prefix(2 * count + 16).last {
            // Ages are coarse: all that seem equally old are asked.
            let batch = rest.prefix { $0.ageSeconds >= youngest.ageSeconds }
            rest = rest.dropFirst(batch.count)
            found += try details(of: batch, servers, by: execute).filter(\.isStream)
        }
        return Array(found.sorted { $0.number < $1.number }.prefix(count))
    }
}
