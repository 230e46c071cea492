public import IngotModel

/// What carries out a split, drains instances and counts requests.
public protocol Router: Sendable {
    /// Makes an environment's route be as given: servers are added, weighted, drained, cut and removed.
    ///
    /// Idempotent. What is asked for stands on disk before it is in force, so a router that starts anew comes up with it.
    /// A server is given no request before the router's own check has seen it healthy, and within its readiness's timeout. A server with
    /// connections is not removed; it drains until they are gone. Draining closes no stream: `streamLimits` and `cutting` do.
    ///
    /// - Throws: `EngineError.staleGeneration` when a newer generation was carried out for this environment.
    func apply(_ route: Route) async throws

    /// What is in force for an environment; `nil` while the router can't be asked. For an environment that it does not know
    /// that is generation 0, no traffic for anybody and no servers.
    func observe(_ environment: EnvironmentID) async throws -> RouteObservation?

    /// Takes an environment out altogether.
    func remove(_ environment: EnvironmentID) async throws

    /// What each release has served since the router first knew it, newest counts. Grows only.
    func traffic(of environment: EnvironmentID) async throws -> [ReleaseTraffic]

    /// When the last request was handed to a release, by the router's clock; `nil` when none was seen.
    func lastRequest(to release: ReleaseNumber, of environment: EnvironmentID) async throws -> Timestamp?

    /// Environments in which health, requests in flight or the split may have changed. Merged, never lost.
    func changes() -> AsyncStream<EnvironmentID>
}

/// How requests for a host name are shared among servers.
public struct Route: Hashable, Sendable, Codable {
    public var environment: EnvironmentID
    public var generation: Generation
    /// Matched with the request's `Host`, without its port, in lower case.
    public var host: String
    public var split: Split
    public var servers: [RouteServer]
    /// Whose requests go to which release whatever the split says, as long as that has a healthy server.
    public var testers: Testers?
    /// By which a visitor stays on the release of the first answer, as long as that has a share of the split and a healthy server.
    public var sticky: StickyCookie?
    /// How many streams the servers of a release, or one of them, may have at this moment; those beyond it are closed, the oldest first, and
    /// counted.
    public var streamLimits: [StreamLimit]

    public init(
        environment: EnvironmentID, generation: Generation, host: String, split: Split, servers: [RouteServer], testers: Testers? = nil,
        sticky: StickyCookie? = nil, streamLimits: [StreamLimit] = []
    ) {
        self.environment = environment
        self.generation = generation
        self.host = host
        self.split = split
        self.servers = servers
        self.testers = testers
        self.sticky = sticky
        self.streamLimits = streamLimits
    }
}

public struct RouteServer: Hashable, Sendable, Codable {
    public enum State: String, Sendable, Codable {
        /// It gets its share as soon as it is healthy.
        case active
        /// It gets no new request, those in flight go on.
        case draining
        /// What it still has is closed, and counted; while its streams are limited, only its requests are.
        case cutting
    }
    public var instance: InstanceID
    public var release: ReleaseNumber
    public var endpoint: Endpoint
    public var readiness: Readiness
    public var state: State

    public init(instance: InstanceID, release: ReleaseNumber, endpoint: Endpoint, readiness: Readiness, state: State) {
        self.instance = instance
        self.release = release
        self.endpoint = endpoint
        self.readiness = readiness
        self.state = state
    }
}

public struct RouteObservation: Hashable, Sendable {
    /// The generation of the last route that is wholly in force.
    public var generation: Generation
    public var split: Split
    public var servers: [InstanceID: ServerObservation]

    public init(generation: Generation, split: Split, servers: [InstanceID: ServerObservation]) {
        self.generation = generation
        self.split = split
        self.servers = servers
    }
}

public struct ServerObservation: Hashable, Sendable {
    public var health: InstanceObservation.Health
    /// Streams aside.
    public var requestsInFlight: Int
    public var streamsInFlight: Int
    /// What it has served since the router first knew it.
    public var served: TrafficCount?
    public var checkResult: String?

    public init(
        health: InstanceObservation.Health, requestsInFlight: Int, streamsInFlight: Int = 0, served: TrafficCount? = nil, checkResult: String? = nil
    ) {
        self.health = health
        self.requestsInFlight = requestsInFlight
        self.streamsInFlight = streamsInFlight
        self.served = served
        self.checkResult = checkResult
    }
}
