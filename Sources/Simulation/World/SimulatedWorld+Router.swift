import Engine
import IngotModel

/// Between an instance answering its first check and the router sending it traffic.
let checkDelay: Milliseconds = 50

// The router's half.
extension SimulatedWorld {
    public var isRouterAway: Bool { faults.routerIsAwayUntil.map { now < $0 } ?? false }

    mutating func apply(_ route: Route) throws(EngineError) {
        let index = routes.firstIndex { $0.environment == route.environment }
        if let index, route.generation < routes[index].saved.generation {
            throw .staleGeneration(route.generation, newest: routes[index].saved.generation, of: route.environment)
        }
        guard let index else {
            routes.append(SimulatedRoute(environment: route.environment, saved: route, inForceFrom: now + faults.routerLateness))
            return bringRoutesIntoForce()
        }
        guard routes[index].saved != route || routes[index].inForce == nil else { return }
        routes[index].saved = route
        // A router that is late already does not get later by being asked again.
        routes[index].inForceFrom = routes[index].inForceFrom ?? (now + faults.routerLateness)
        bringRoutesIntoForce()
    }

    mutating func bringRoutesIntoForce() {
        for index in routes.indices where routes[index].inForceFrom.map({ $0 <= now }) ?? false {
            let route = routes[index].saved
            routes[index].inForce = route
            routes[index].inForceFrom = nil
            updateServers(of: index)
            note(.inForce(route.environment, route.generation, route.split), in: route.environment)
        }
    }

    private mutating func updateServers(of index: Int) {
        let wanted = routes[index].saved.servers
        for server in wanted {
            if let position = routes[index].servers.firstIndex(where: { $0.id == server.instance }) {
                routes[index].servers[position].state = server.state
                routes[index].servers[position].checkTimeout = server.readiness.timeout
            } else {
                routes[index].servers.append(
                    SimulatedServer(id: server.instance, release: server.release, state: server.state, checkTimeout: server.readiness.timeout))
            }
        }
        // One that still has requests drains until they are gone.
        for position in routes[index].servers.indices where !wanted.contains(where: { $0.instance == routes[index].servers[position].id }) {
            if routes[index].servers[position].state == .active { routes[index].servers[position].state = .draining }
        }
        cutRequests(of: index)
        closeStreams(of: index)
        lookAfterServers()
    }

    /// Closes the oldest streams of releases that have more than they may.
    private mutating func closeStreams(of index: Int) {
        for limit in routes[index].inForce?.streamLimits ?? [] {
            let servers = routes[index].servers.indices.filter { limit.isFor(routes[index].servers[$0].id, of: routes[index].servers[$0].release) }
            // Requests are appended as they come, so a stream's age is known by its number or its place.
            let streams = servers.flatMap { position in routes[index].servers[position].requests.filter(\.isStream).map { (position, $0) } }
                .sorted { ($0.1.id ?? 0) < ($1.1.id ?? 0) }
            let excess = streams.count - max(0, limit.most)
            guard excess > 0 else { continue }
            for (position, stream) in streams.prefix(excess) {
                guard let place = routes[index].servers[position].requests.firstIndex(of: stream) else { continue }
                routes[index].servers[position].requests.remove(at: place)
                count(of: routes[index].servers[position].id, in: index, \.streamsClosed)
            }
            let environment = routes[index].environment
            note(.closed(FleetID(environment: environment, release: limit.release), streams: excess), in: environment)
        }
    }

    private mutating func cutRequests(of index: Int) {
        for position in routes[index].servers.indices where routes[index].servers[position].state == .cutting {
            let server = routes[index].servers[position]
            guard !server.requests.isEmpty else { continue }
            let cut = server.requests.count - server.streams
            let sparesStreams = routes[index].inForce?.streamLimits.contains { $0.isFor(server.id, of: server.release) } ?? false
            routes[index].servers[position].requests.removeAll { !sparesStreams || !$0.isStream }
            let fleet = FleetID(environment: routes[index].environment, release: server.release)
            if cut > 0 {
                count(of: server.id, in: index, \.cut, cut)
                note(.cut(fleet, requests: cut), in: fleet.environment)
            }
            if server.streams > 0, !sparesStreams {
                count(of: server.id, in: index, \.streamsClosed, server.streams)
                note(.closed(fleet, streams: server.streams), in: fleet.environment)
            }
        }
    }

    /// Looks at the instances behind the servers, and lets go of servers that are neither wanted nor busy.
    mutating func lookAfterServers() {
        for index in routes.indices {
            guard let inForce = routes[index].inForce else { continue }
            for position in routes[index].servers.indices { check(position, of: index) }
            routes[index].servers.removeAll { server in
                server.requests.isEmpty && !inForce.servers.contains { $0.instance == server.id }
            }
        }
    }

    private mutating func check(_ position: Int, of index: Int) {
        let server = routes[index].servers[position]
        let id = FleetID(environment: routes[index].environment, release: server.release)
        guard let instance = fleet(id)?.instances.first(where: { $0.id == server.id }) else {
            // Nobody answers any more.
            if server.downFrom.map({ $0 > now }) ?? true { routes[index].servers[position].downFrom = now }
            return
        }
        if server.upFrom == nil, instance.checkTakes <= server.checkTimeout {
            routes[index].servers[position].upFrom = instance.healthyFrom.map { max($0, now) + checkDelay }
        }
        if server.downFrom == nil { routes[index].servers[position].downFrom = instance.sickFrom.map { max($0, now) } }
        if server.upFrom == now || server.downFrom == now { changed.insert(routes[index].environment) }
    }

    mutating func removeRoute(of environment: EnvironmentID) { routes.removeAll { $0.environment == environment } }

    func observeRoute(of environment: EnvironmentID) -> RouteObservation? {
        guard !isRouterAway else { return nil }
        guard let route = route(of: environment), let inForce = route.inForce else {
            return RouteObservation(generation: Generation(0), split: .empty, servers: [:])
        }
        let servers = route.servers.map { ($0.id, $0.observation(at: now)) }
        return RouteObservation(
            generation: inForce.generation, split: inForce.split, servers: Dictionary(servers, uniquingKeysWith: { first, _ in first }))
    }

    /// It comes back with what stands on disk; what it knew of health and connections is gone.
    public mutating func restartRouter() {
        for index in routes.indices {
            for server in routes[index].servers { routes[index].count(server.release, \.unanswered, server.requests.count) }
            routes[index].servers = []
            routes[index].inForceFrom = now
            changed.insert(routes[index].environment)
        }
        journal.append(.routerRestarted)
        bringRoutesIntoForce()
    }

    /// Its disk is lost: it begins from nothing.
    public mutating func forgetRoutes() {
        changed.formUnion(routes.map(\.environment))
        routes = []
        lastAnswers = [:]
        journal.append(.routerForgot)
    }

    /// What the router answers: what is in force, or what it answered before.
    mutating func answer(for environment: EnvironmentID) -> RouteObservation? {
        let seen = observeRoute(of: environment)
        guard let seen else { return nil }
        defer { lastAnswers[environment] = seen }
        return generator.happens(percent: faults.staleAnswerPercent) ? lastAnswers[environment] ?? seen : seen
    }

    // MARK: Requests

    mutating func loseRequests(of instance: InstanceID, in fleet: FleetID) {
        guard let index = routes.firstIndex(where: { $0.environment == fleet.environment }),
            let position = routes[index].servers.firstIndex(where: { $0.id == instance })
        else { return }
        let lost = routes[index].servers[position].requests.count
        routes[index].servers[position].requests = []
        routes[index].servers[position].downFrom = now
        routes[index].count(fleet.release, \.unanswered, lost)
    }

    mutating func endRequests() {
        for index in routes.indices {
            for position in routes[index].servers.indices {
                let now = now
                let ended = routes[index].servers[position].requests.filter { $0.endsAt.map { $0 <= now } ?? false }
                guard !ended.isEmpty else { continue }
                routes[index].servers[position].requests.removeAll { $0.endsAt.map { $0 <= now } ?? false }
                let server = routes[index].servers[position].id
                for request in ended {
                    count(of: server, in: index, request.isWrong ? \.serverErrors : \.successful)
                    if let started = request.startedAt { countTime(now - started, of: server, in: index) }
                }
                changed.insert(routes[index].environment)
            }
        }
    }

    /// One request for each environment, when it is time for it.
    mutating func admitRequest() {
        guard let load, let arrival = nextArrival, arrival <= now else { return }
        nextArrival = arrival + load.interval
        for index in routes.indices where !isRouterAway {
            guard let route = routes[index].inForce, !route.split.shares.isEmpty else { continue }
            guard let position = server(for: route.split, in: index) else {
                // Before the first instance was ever there, nobody lost anything.
                if routes[index].hasServed { note(.unserved(route.environment), in: route.environment) }
                continue
            }
            routes[index].hasServed = true
            let length = Milliseconds(generator.number(in: load.shortest.count...load.longest.count))
            let isEndless = generator.happens(percent: load.endlessPercent)
            let isStream = generator.happens(percent: load.streamPercent)
            requestsBegun += 1
            let release = routes[index].servers[position].release
            let behaviour = behaviour(of: FleetID(environment: route.environment, release: release))
            routes[index].servers[position].requests.append(
                SimulatedRequest(
                    endsAt: isEndless || isStream ? nil : now + length + behaviour.delay, isStream: isStream,
                    isWrong: generator.happens(percent: behaviour.errorPercent), startedAt: now, id: requestsBegun))
            routes[index].lastRequests[release] = now
        }
    }

    /// A server that may get the next request, by the shares of the split.
    mutating func server(for split: Split, in index: Int) -> Int? {
        var point = generator.number(in: 0...(BasisPoints.whole.value - 1))
        for (release, share) in split.shares.sorted(by: { $0.key < $1.key }) {
            point -= share.value
            guard point < 0 else { continue }
            return server(of: release, in: index)
        }
        return nil
    }
}
