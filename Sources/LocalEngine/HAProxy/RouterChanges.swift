import Engine
import IngotModel

/// What has to be told HAProxy so that what it has becomes what is wanted. Pure.
enum RouterChanges {
    /// The commands, in an order in which there is never nobody who takes the requests: servers come and gain weight
    /// before others lose theirs, and the host points at a backend only when its servers are there.
    ///
    /// - Parameters:
    ///   - servers: those that HAProxy has in the environment's two backends.
    ///   - hosts: the map of host to backend that HAProxy has.
    ///   - lanes: what HAProxy has of the slot's lanes, and `marks` of its marks.
    ///   - wanted: the environment as it is to be.
    ///   - maps: where the maps are.
    static func between(
        servers: [ServerInForce], hosts: [String: String], lanes: [String: String] = [:], marks: [String: String] = [:], wanted: RoutedEnvironment,
        maps: ConfigurationFile
    ) -> [RuntimeCommand] {
        let pass = RouterChangesPass(servers: servers, wanted: wanted, maps: maps)
        return pass.arrivals + pass.gains + pass.hostChanges(hosts) + pass.laneChanges(lanes) + pass.markChanges(marks) + pass.losses + pass.cuts
    }

    /// The commands that empty a slot's lanes and marks.
    static func clearance(lanes: [String: String], marks: [String: String], slot: Int, maps: ConfigurationFile) -> [RuntimeCommand] {
        Lanes.changes(from: marks, to: [:], map: maps.marksPath) + Lanes.changes(from: lanes, to: [:], map: maps.lanesPath)
    }

    /// The commands that take an environment out: its host at once, its servers as soon as they are idle (see `sweep`).
    static func removal(servers: [ServerInForce], hosts: [String: String], host: String, maps: ConfigurationFile) -> [RuntimeCommand] {
        let drains = servers.filter { $0.administration == .ready }.map { RuntimeCommand.setDrain($0.backend, $0.name) }
        return (hosts[host] != nil ? [.deleteFromMap(maps.hostsPath, key: host)] : []) + drains
    }

    /// The commands that remove servers that nobody wants any more and that have no request in flight.
    ///
    /// `del server` refuses while a connection is open; what it refuses is tried again at the next sweep.
    static func sweep(_ idle: [ServerInForce], maps: ConfigurationFile) -> [RuntimeCommand] {
        idle.flatMap { server -> [RuntimeCommand] in
            (server.administration == .maintenance ? [] : [.setMaintenance(server.backend, server.name)]) + [
                .deleteServer(server.backend, server.name)
            ]
        }
    }

    /// What a removed server leaves behind.
    static func forget(_ name: ServerName, in backend: Backend, maps: ConfigurationFile) -> [RuntimeCommand] {
        (backend.check == .http ? [.deleteFromMap(maps.checkPathsPath, key: "\(name)")] : []) + [.deleteFromMap(maps.checkHostsPath, key: "\(name)")]
    }
}

private struct RouterChangesPass {
    let known: [ServerName: ServerInForce]
    let wanted: RoutedEnvironment
    let maps: ConfigurationFile
    let weights: [ServerName: Int]
    let lanes: [String: String]

    init(servers: [ServerInForce], wanted: RoutedEnvironment, maps: ConfigurationFile) {
        let known = Dictionary(servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.known = known
        self.wanted = wanted
        self.maps = maps
        weights = wanted.weights { name in known[name].map { $0.isRunning && $0.administration != .maintenance } ?? false }
        lanes = Lanes.entries(of: wanted) { name in known[name].map { $0.isRunning && $0.administration == .ready } ?? false }
    }

    private func backend(_ server: RouteServer) -> Backend { Backend(server.check, slot: wanted.slot) }
    private func isNew(_ server: RouteServer) -> Bool { known[server.name] == nil }
    private func weight(_ server: RouteServer) -> Int { weights[server.name] ?? 0 }
    private var servers: [RouteServer] { wanted.route.servers.sorted { $0.name < $1.name } }

    /// Servers that HAProxy does not have, or has in maintenance since it read them from its file.
    var arrivals: [RuntimeCommand] {
        servers.flatMap { server -> [RuntimeCommand] in
            if isNew(server) { return checkMaps(server) + [.addServer(backend(server), server)] + awakening(server) }
            if known[server.name]?.administration == .maintenance {
                return [.setWeight(backend(server), server.name, 0)] + awakening(server)
            }
            return []
        }
    }

    private func checkMaps(_ server: RouteServer) -> [RuntimeCommand] {
        let name = "\(server.name)"
        let path = server.readiness.path.map { RuntimeCommand.addToMap(maps.checkPathsPath, key: name, value: CheckPath.encoded($0)) }
        return (path.map { [$0] } ?? []) + [.addToMap(maps.checkHostsPath, key: name, value: wanted.route.host)]
    }

    /// From maintenance to "down until its checks pass".
    ///
    /// A server that leaves maintenance is up at once in HAProxy 2.6, checked or not, and setting it down before has no effect.
    /// So it leaves with a weight of 0, is set down, and then gets its weight: it is given no request before it has been seen healthy.
    /// What the first check needs comes first: see `FirstChecks`.
    private func awakening(_ server: RouteServer) -> [RuntimeCommand] {
        let (backend, name) = (backend(server), server.name)
        var commands: [RuntimeCommand] = [
            .enableChecks(backend, name), .setReady(backend, name), .setHealthDown(backend, name),
        ]
        if server.state != .active { commands.append(.setDrain(backend, name)) }
        if weight(server) > 0 { commands.append(.setWeight(backend, name, weight(server))) }
        return commands
    }

    /// Servers that are to take more than they do.
    var gains: [RuntimeCommand] {
        stayers.filter { $0.0.state == .active }.flatMap { server, known -> [RuntimeCommand] in
            let wantedWeight = weight(server)
            var commands: [RuntimeCommand] = []
            if known.endpoint != server.endpoint { commands.append(.setAddress(backend(server), server.name, server.endpoint)) }
            if !known.isChecked { commands.append(.enableChecks(backend(server), server.name)) }
            if known.administration == .draining {
                // Its weight first: the one it had when it was drained may be too high.
                if known.weight != wantedWeight { commands.append(.setWeight(backend(server), server.name, wantedWeight)) }
                commands.append(.setReady(backend(server), server.name))
            } else if wantedWeight > known.weight {
                commands.append(.setWeight(backend(server), server.name, wantedWeight))
            }
            return commands
        }
    }

    /// Servers that are to take less: lighter, drained, or no longer wanted.
    var losses: [RuntimeCommand] {
        let lighter = stayers.filter { $0.0.state == .active && $0.1.administration == .ready && weight($0.0) < $0.1.weight }
            .map { RuntimeCommand.setWeight(backend($0.0), $0.0.name, weight($0.0)) }
        let draining = stayers.filter { $0.0.state != .active && $0.1.administration == .ready }
            .map { RuntimeCommand.setDrain(backend($0.0), $0.0.name) }
        let names = Set(wanted.route.servers.map(\.name))
        let unwanted = known.values.filter { !names.contains($0.name) && $0.administration == .ready }.sorted { $0.name < $1.name }
            .map { RuntimeCommand.setDrain($0.backend, $0.name) }
        return lighter + draining + unwanted
    }

    /// Of servers that are cut whole; see `RoutedEnvironment.cutByRequest` for the others.
    var cuts: [RuntimeCommand] {
        stayers.filter { $0.0.state == .cutting && !wanted.hasStreamLimit($0.0) }.map { .shutDownSessions(backend($0.0), $0.0.name) }
    }

    /// After the gains: who is in a lane can take requests. Before the losses: who drains is in none.
    func laneChanges(_ known: [String: String]) -> [RuntimeCommand] { Lanes.changes(from: known, to: lanes, map: maps.lanesPath) }

    func markChanges(_ known: [String: String]) -> [RuntimeCommand] {
        Lanes.changes(from: known, to: Lanes.marks(of: wanted), map: maps.marksPath)
    }

    /// What HAProxy has and keeps.
    private var stayers: [(RouteServer, ServerInForce)] {
        servers.compactMap { server in
            known[server.name].flatMap { $0.administration == .maintenance ? nil : (server, $0) }
        }
    }

    func hostChanges(_ hosts: [String: String]) -> [RuntimeCommand] {
        let host = wanted.route.host
        let target = "\(wanted.trafficBackend)"
        let mine = [Backend(.http, slot: wanted.slot), Backend(.tcp, slot: wanted.slot)].map { "\($0)" }
        let former = hosts.filter { $0.key != host && mine.contains($0.value) }.keys.sorted()
            .map { RuntimeCommand.deleteFromMap(maps.hostsPath, key: $0) }
        guard hosts[host] != target else { return former }
        let pointing: RuntimeCommand =
            hosts[host] == nil
            ? .addToMap(maps.hostsPath, key: host, value: target) : .setInMap(maps.hostsPath, key: host, value: target)
        return [pointing] + former
    }
}
