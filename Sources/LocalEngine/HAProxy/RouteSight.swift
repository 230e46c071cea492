import Engine
import IngotModel

/// What HAProxy says of one environment at one moment.
struct RouteSight: Hashable, Sendable {
    var servers: [ServerInForce] = []
    var statistics: [ServerName: ServerStatistics] = [:]
    /// Read after `statistics`: what becomes a stream in between is counted as one, and what ends in between still as a request. So a server
    /// that gets nothing new never seems to have fewer requests than it has.
    var streamCounts: [ServerName: Int] = [:]

    /// Requests and streams.
    func inFlight(_ name: ServerName) -> Int { statistics[name]?.inFlight ?? 0 }
    func streams(_ name: ServerName) -> Int { streamCounts[name] ?? 0 }
    func requests(_ name: ServerName) -> Int { max(0, inFlight(name) - streams(name)) }

    /// Adds what another process has in flight.
    mutating func add(_ other: RouteSight) {
        for (name, theirs) in other.statistics { statistics[name]?.inFlight += theirs.inFlight }
        streamCounts.merge(other.streamCounts, uniquingKeysWith: +)
    }

    /// Servers that nobody wants and that have nothing left to do.
    func idleLeftovers(of environment: RoutedEnvironment?) -> [ServerInForce] {
        leftovers(of: environment).filter { inFlight($0.name) == 0 && $0.administration != .ready }
    }

    func leftovers(of environment: RoutedEnvironment?) -> [ServerInForce] {
        let wanted = Set(environment?.route.servers.map(\.name) ?? [])
        return servers.filter { !wanted.contains($0.name) }
    }

    /// Whether something is on its way, so that it is worth looking again soon.
    func isInTransition(_ environment: RoutedEnvironment?) -> Bool {
        // What has only streams left may have them for hours.
        guard leftovers(of: environment).allSatisfy({ requests($0.name) == 0 && streams($0.name) > 0 }) else { return true }
        guard let environment else { return false }
        let known = Dictionary(servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return environment.route.servers.contains { server in
            guard let inForce = known[server.name] else { return true }
            // One that lost its share ends its last requests, whether it drains or is kept warm.
            let isLosing = environment.route.split[server.release] == .none && requests(server.name) > 0
            return isLosing || (server.state == .active ? !inForce.isRunning : inForce.administration == .ready)
        }
    }

    /// The protocol's view of it.
    ///
    /// - Parameters:
    ///   - settled: the newest generation that was wholly in force before this look.
    ///   - served: what each instance has served.
    func observation(
        of environment: RoutedEnvironment, settled: Generation, isInForce: Bool, served: [InstanceID: TrafficCount] = [:]
    ) -> RouteObservation {
        let known = Dictionary(servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let observations = environment.route.servers.compactMap { server -> (InstanceID, ServerObservation)? in
            guard let inForce = known[server.name] else { return nil }
            return (
                server.instance,
                ServerObservation(
                    health: health(of: inForce, wanted: server, everUp: environment.everUp.contains(server.instance)),
                    requestsInFlight: requests(server.name), streamsInFlight: streams(server.name), served: served[server.instance],
                    checkResult: statistics[server.name]?.checkResult)
            )
        }
        return RouteObservation(
            generation: isInForce ? environment.route.generation : settled, split: isInForce ? environment.route.split : splitInForce,
            servers: Dictionary(observations, uniquingKeysWith: { first, _ in first }))
    }

    private func health(of server: ServerInForce, wanted: RouteServer, everUp: Bool) -> InstanceObservation.Health {
        // A server counts as draining when HAProxy drains it, not when it was asked to: then its requests in flight only get fewer.
        if server.administration == .draining { return .draining }
        if server.administration == .maintenance { return everUp ? .down : .starting }
        return server.isRunning ? .up : everUp ? .down : .starting
    }

    /// The split that the weights in force amount to.
    var splitInForce: Split {
        let totals = servers.filter(\.takesTraffic).reduce(into: [ReleaseNumber: Int]()) { $0[$1.name.release, default: 0] += $1.weight }
        return SplitWeights.split(of: totals)
    }

    /// Whether every server is as it is wanted to be, and the releases that have a share have servers for it.
    func isInForce(_ environment: RoutedEnvironment, remaining: [RuntimeCommand]) -> Bool {
        let taking = Set(servers.filter(\.takesTraffic).map(\.name.release))
        return remaining.isEmpty && environment.route.split.shares.keys.allSatisfy(taking.contains)
    }

    /// What of it matters to those who follow changes: requests in flight only where they are waited for.
    func digest(of environment: RoutedEnvironment?) -> [ServerName: ServerDigest] {
        Dictionary(
            servers.map { server in
                (
                    server.name,
                    ServerDigest(
                        administration: server.administration, isRunning: server.isRunning, weight: server.weight,
                        inFlight: server.administration == .ready ? 0 : inFlight(server.name),
                        streams: server.administration == .ready ? 0 : streams(server.name),
                        checkResult: server.isRunning ? nil : statistics[server.name]?.checkResult)
                )
            }, uniquingKeysWith: { first, _ in first })
    }
}

struct ServerDigest: Hashable, Sendable {
    var administration: ServerInForce.Administration
    var isRunning: Bool
    var weight: Int
    var inFlight: Int
    var streams: Int
    var checkResult: String?
}
