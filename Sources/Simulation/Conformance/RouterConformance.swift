public import Engine
public import IngotModel

/// The promises of `Router`, each as a function that throws a `ConformanceViolation` when it is broken.
///
/// The suite is given servers that really answer, and takes its environment out at the end, also when it fails.
public struct RouterConformance: Sendable {
    public let router: any Router
    public let environment: EnvironmentID
    public let host: String
    /// Two servers that answer their readiness check, of two releases.
    public let first: RouteServer
    public let second: RouteServer
    /// A server that nobody answers for.
    public let dead: RouteServer
    public let patience: any Patience

    public init(
        router: any Router, environment: EnvironmentID, host: String, first: RouteServer, second: RouteServer, dead: RouteServer,
        patience: any Patience
    ) {
        self.router = router
        self.environment = environment
        self.host = host
        self.first = first
        self.second = second
        self.dead = dead
        self.patience = patience
    }

    public func all() async throws {
        let promises: [() async throws -> Void] = [
            knowsNothingOfAStranger, bringsARouteIntoForce, isIdempotent, movesTheSplit, saysWhoDrains, seesWhoIsDead, refusesAnOlderGeneration,
            removesServers, forgetsAnEnvironment, tellsOfChanges,
        ]
        for promise in promises {
            let result: Result<Void, any Error>
            do { result = .success(try await promise()) } catch { result = .failure(error) }
            try await router.remove(environment)
            try result.get()
        }
    }

    /// An environment that the router does not know has no traffic and no servers; the router is not away.
    public func knowsNothingOfAStranger() async throws {
        let observation = try await router.observe(environment)
        try require(observation != nil, "an unknown environment is no router that can't be asked")
        try require(observation?.split == .empty && observation?.servers.isEmpty == true, "an unknown environment has no traffic and no servers")
        let traffic = try await router.traffic(of: environment)
        try require(traffic.allSatisfy { $0.served.requests == 0 }, "an unknown environment has served nothing")
    }

    /// What was applied is seen to be in force, its generation too, and its servers are checked.
    public func bringsARouteIntoForce() async throws {
        try await router.apply(route(1, .all(to: first.release), [first]))
        try await waitForForce(1, .all(to: first.release))
        try await waitForHealth(.up, of: first)
    }

    public func isIdempotent() async throws {
        let route = route(1, .all(to: first.release), [first, second])
        try await router.apply(route)
        try await waitForHealth(.up, of: first)
        try await waitForHealth(.up, of: second)
        try await router.apply(route)
        let servers = try await router.observe(environment)?.servers ?? [:]
        try require(servers.count == 2 && servers.values.allSatisfy { $0.health == .up }, "applying the same route again leaves its servers up")
    }

    /// The split moves from one release to the other with a newer route.
    public func movesTheSplit() async throws {
        try await router.apply(route(1, .all(to: first.release), [first, second]))
        try await waitForHealth(.up, of: second)
        try await router.apply(route(2, .all(to: second.release), [first.being(.draining), second]))
        try await waitForForce(2, .all(to: second.release))
        let health = try await health(of: second)
        try require(health == .up, "a server that gets the traffic stays up; it is \(health.map(\.rawValue) ?? "not known")")
    }

    /// A draining server says that it drains, whatever its checks say, and is up again soon after it is made active.
    public func saysWhoDrains() async throws {
        try await router.apply(route(1, .all(to: first.release), [first, second]))
        try await waitForHealth(.up, of: second)
        try await router.apply(route(2, .all(to: first.release), [first, second.being(.draining)]))
        try await waitForHealth(.draining, of: second)
        let requests = try await router.observe(environment)?.servers[second.instance]?.requestsInFlight
        try require(requests == 0, "a server that was sent nothing has nothing in flight; the router says \(requests ?? -1)")
        try await router.apply(route(3, .all(to: first.release), [first, second.being(.cutting)]))
        try await waitForHealth(.draining, of: second)
        try await router.apply(route(4, .all(to: first.release), [first, second]))
        try await waitForHealth(.up, of: second)
    }

    /// A server that does not answer is never seen up, and the check says why.
    public func seesWhoIsDead() async throws {
        try await router.apply(route(1, .all(to: first.release), [first, dead]))
        try await waitForHealth(.up, of: first)
        let health = try await health(of: dead)
        try require(
            health == .starting || health == .down, "a server that never answered is starting or down; it is \(health.map(\.rawValue) ?? "not known")"
        )
        try await patience.wait(for: "the check of the dead server to say something") {
            try await router.observe(environment)?.servers[dead.instance]?.checkResult != nil
        }
    }

    public func refusesAnOlderGeneration() async throws {
        try await router.apply(route(2, .all(to: first.release), [first]))
        do {
            try await router.apply(route(1, .empty, []))
        } catch let error as EngineError where error.code == EngineError.staleGenerationCode {
            return try await waitForForce(2, .all(to: first.release))
        }
        throw ConformanceViolation(message: "generation 1 is refused after generation 2")
    }

    /// A server that is in the route no more, and has no connection, is gone.
    public func removesServers() async throws {
        try await router.apply(route(1, .all(to: first.release), [first, second]))
        try await waitForHealth(.up, of: second)
        try await router.apply(route(2, .all(to: first.release), [first]))
        try await patience.wait(for: "the server to be removed") { try await health(of: second) == nil }
        try await router.apply(route(3, .empty, []))
        try await waitForForce(3, .empty)
        try await patience.wait(for: "all servers to be removed") { try await router.observe(environment)?.servers.isEmpty == true }
    }

    /// An environment that was removed may come back with any generation.
    public func forgetsAnEnvironment() async throws {
        try await router.apply(route(9, .all(to: first.release), [first]))
        try await router.remove(environment)
        try await router.remove(environment)
        try await knowsNothingOfAStranger()
        try await router.apply(route(1, .all(to: first.release), [first]))
        try await waitForForce(1, .all(to: first.release))
    }

    public func tellsOfChanges() async throws {
        try await patience.waitForWord(of: environment, on: router.changes()) {
            try await router.apply(route(1, .all(to: first.release), [first]))
            try await waitForHealth(.up, of: first)
        }
    }

    // MARK: Looking

    private func route(_ generation: Int, _ split: Split, _ servers: [RouteServer]) -> Route {
        Route(environment: environment, generation: Generation(generation), host: host, split: split, servers: servers)
    }

    private func health(of server: RouteServer) async throws -> InstanceObservation.Health? {
        try await router.observe(environment)?.servers[server.instance]?.health
    }

    private func waitForHealth(_ health: InstanceObservation.Health, of server: RouteServer) async throws {
        try await patience.wait(for: "server \(server.instance) to be \(health.rawValue)") { try await self.health(of: server) == health }
    }

    private func waitForForce(_ generation: Int, _ split: Split) async throws {
        try await patience.wait(for: "generation \(generation) to be in force: \(split)") {
            let observation = try await router.observe(environment)
            return observation?.generation == Generation(generation) && observation?.split == split
        }
    }
}

extension RouteServer {
    fileprivate func being(_ state: State) -> RouteServer {
        var server = self
        server.state = state
        return server
    }
}
