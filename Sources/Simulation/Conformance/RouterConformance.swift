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
    /// Another of the first one's release.
    public let sibling: RouteServer
    /// A server that nobody answers for.
    public let dead: RouteServer
    /// One of a third release that takes 300 ms to answer its readiness check.
    public let slow: RouteServer
    public let user: any ServiceUser
    public let patience: any Patience

    public init(
        router: any Router, environment: EnvironmentID, host: String, first: RouteServer, second: RouteServer, sibling: RouteServer,
        dead: RouteServer,
        slow: RouteServer, user: any ServiceUser, patience: any Patience
    ) {
        self.router = router
        self.environment = environment
        self.host = host
        self.first = first
        self.second = second
        self.sibling = sibling
        self.dead = dead
        self.slow = slow
        self.user = user
        self.patience = patience
    }

    public func all() async throws {
        let promises: [() async throws -> Void] = [
            knowsNothingOfAStranger, bringsARouteIntoForce, isIdempotent, movesTheSplit, saysWhoDrains, seesWhoIsDead, refusesAnOlderGeneration,
            removesServers, forgetsAnEnvironment, tellsOfChanges, countsByInstance, tellsStreamsFromRequests, keepsStreamsOfADrainingServer,
            closesTheOldestStreams, closesStreamsOfOneInstance, closesStreamsWhenItCuts, sparesStreamsThatHaveTime, sendsTestersToTheirRelease,
            keepsVisitors, keepsNobodyUnasked, honoursTheCheckTimeout,
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

    // MARK: Counting

    /// What each instance served is told beside it.
    public func countsByInstance() async throws {
        try await serve(by: first)
        for _ in 0..<5 { _ = try await release(of: user.ask(headers: [:], cookies: [:])) }
        try await patience.wait(for: "5 requests to be counted for the instance that served them") {
            try await router.observe(environment)?.servers[first.instance]?.served?.successful == 5
        }
        let other = try await router.observe(environment)?.servers[second.instance]?.served?.requests
        try require(other == 0, "an instance that served nothing has served nothing; the router says \(other.map(String.init) ?? "nothing")")
    }

    // MARK: Testers and visitors

    /// Whoever carries the mark goes to the release that is tested, whatever the split, as long as it can take requests.
    public func sendsTestersToTheirRelease() async throws {
        try await serve(by: first)
        let marks = [TesterMark(place: .header, name: "X-Tester", value: "a.b[^*"), TesterMark(place: .cookie, name: "tester", value: "(yes|no)")]
        for (index, mark) in marks.enumerated() {
            let testers = Testers(mark: mark, release: second.release)
            try await router.apply(route(index * 2 + 2, .all(to: first.release), [first, second], testers: testers))
            try await waitForForce(index * 2 + 2, .all(to: first.release))
            try await waitForHealth(.up, of: second)
            try await expect(second.release, from: mark)
            var others = [mark, mark]
            others[0].value = "axb[^*"
            others[1].name += "s"
            for other in others { try await expect(first.release, from: other) }
            try await router.apply(route(index * 2 + 3, .all(to: first.release), [first, second.being(.draining)], testers: testers))
            try await waitForHealth(.draining, of: second)
            try await expect(first.release, from: mark)
        }
    }

    private func expect(_ release: ReleaseNumber, from mark: TesterMark) async throws {
        for _ in 0..<10 {
            let answer = try await user.ask(
                headers: mark.place == .header ? [mark.name: mark.value] : [:], cookies: mark.place == .cookie ? [mark.name: mark.value] : [:])
            let answered = try self.release(of: answer)
            let request = "a request with the \(mark.place.rawValue) \(mark.name)=\(mark.value)"
            try require(answered == release, "\(request) goes to release \(release), not \(answered)")
        }
    }

    /// A visitor stays on the release of the first answer while that has a share, and knows of no other.
    public func keepsVisitors() async throws {
        let cookie = "ingot.visit"
        try await serve(by: first)
        func move(_ generation: Int, _ shares: [ReleaseNumber: BasisPoints]) async throws {
            guard let split = Split(shares) else { return }
            try await router.apply(route(generation, split, [first, second], sticky: StickyCookie(name: cookie)))
            try await patience.wait(for: "generation \(generation) to be in force") {
                try await router.observe(environment)?.generation == Generation(generation)
            }
        }
        try await waitForHealth(.up, of: second)
        try await move(2, [first.release: BasisPoints(5_000), second.release: BasisPoints(5_000)])
        var met: Set<ReleaseNumber> = []
        for _ in 0..<200 where met.count < 2 {
            let answer = try await user.ask(headers: [:], cookies: [:])
            let release = try release(of: answer)
            try require(answer?.setCookies[cookie] == "\(release)", "a visitor's first answer sets the cookie to its release")
            met.insert(release)
        }
        try require(met.count == 2, "visitors without a cookie are shared among the releases")
        for (generation, share) in [(3, 9_900), (4, 100)] {
            try await move(generation, [first.release: BasisPoints(share), second.release: BasisPoints(BasisPoints.whole.value - share)])
            for release in met { try await expectVisit(to: release, cookie) }
        }
        try await move(5, [second.release: .whole])
        let answer = try await user.ask(headers: [:], cookies: [cookie: "\(first.release)"])
        let release = try release(of: answer)
        try require(release == second.release, "no cookie opens a release that has no share; release \(release) answered")
        try require(answer?.setCookies[cookie] == "\(release)", "a visitor whose release has no share any more is given a new one")
    }

    private func expectVisit(to release: ReleaseNumber, _ cookie: String) async throws {
        for _ in 0..<20 {
            let answer = try await user.ask(headers: [:], cookies: ["other": "1", cookie: "\(release)"])
            let answered = try self.release(of: answer)
            try require(answered == release, "a visitor of release \(release) stays there while it has a share; release \(answered) answered")
            try require(answer?.setCookies.isEmpty == true, "a visitor who stays is given no new cookie")
            try require(answer?.receivedCookies == ["other": "1"], "the service sees its own cookies only, not \(answer?.receivedCookies ?? [:])")
        }
    }

    /// Where visitors are not kept, there is no cookie.
    public func keepsNobodyUnasked() async throws {
        try await serve(by: first)
        let answer = try await user.ask(headers: [:], cookies: ["other": "1"])
        try require(answer?.setCookies.isEmpty == true, "a router that keeps nobody sets no cookie")
        try require(answer?.receivedCookies == ["other": "1"], "the service gets its cookies as they were sent")
    }

    // MARK: Checks

    /// A check may take as long as the server's readiness says, and no longer.
    public func honoursTheCheckTimeout() async throws {
        try await router.apply(route(1, .all(to: slow.release), [slow.answeringWithin(50)]))
        try await patience.wait(for: "the slow server's check to fail") {
            try await router.observe(environment)?.servers[slow.instance]?.checkResult != nil
        }
        let health = try await health(of: slow)
        try require(health == .starting || health == .down, "a server that answers its check too late is not up")
        try await router.apply(route(2, .all(to: slow.release), [slow.answeringWithin(5_000)]))
        try await waitForHealth(.up, of: slow)
    }

    // MARK: Looking

    /// Brings one of the two in force, with both up.
    func serve(by server: RouteServer) async throws {
        try await router.apply(route(1, .all(to: server.release), [first, second]))
        try await waitForHealth(.up, of: first)
        try await waitForHealth(.up, of: second)
        try await waitForForce(1, .all(to: server.release))
    }

    func release(of answer: UserAnswer?) throws -> ReleaseNumber {
        guard let answer else { throw ConformanceViolation(message: "a request was not answered by an instance") }
        return answer.release
    }

    func served(_ release: ReleaseNumber) async throws -> TrafficCount {
        try await router.traffic(of: environment).first { $0.release == release }?.served ?? TrafficCount()
    }

    func waitForFlight(requests: Int, streams: Int, at server: RouteServer) async throws {
        try await patience.wait(for: "server \(server.instance) to have \(requests) requests and \(streams) streams in flight") {
            let seen = try await router.observe(environment)?.servers[server.instance]
            return seen?.requestsInFlight == requests && seen?.streamsInFlight == streams
        }
    }

    func route(
        _ generation: Int, _ split: Split, _ servers: [RouteServer], testers: Testers? = nil, sticky: StickyCookie? = nil,
        streamLimits: [StreamLimit] = []
    ) -> Route {
        Route(
            environment: environment, generation: Generation(generation), host: host, split: split, servers: servers, testers: testers,
            sticky: sticky, streamLimits: streamLimits)
    }

    func health(of server: RouteServer) async throws -> InstanceObservation.Health? {
        try await router.observe(environment)?.servers[server.instance]?.health
    }

    func waitForHealth(_ health: InstanceObservation.Health, of server: RouteServer) async throws {
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
    fileprivate func answeringWithin(_ timeout: Milliseconds) -> RouteServer {
        var server = self
        server.readiness.timeout = timeout
        return server
    }

    func being(_ state: State) -> RouteServer {
        var server = self
        server.state = state
        return server
    }
}
