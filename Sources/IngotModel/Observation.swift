/// Everything that is seen of one environment at one moment: the engine's half and the router's half.
public struct Observation: Hashable, Sendable, Codable {
    public var fleets: [FleetObservation]
    /// The split that the router has in force, `nil` while the router can't be asked.
    public var split: Split?
    /// The generation that the engine has been fenced with: nothing older changes the fleets any more. `nil` when that is not known.
    public var engineGeneration: Generation?
    /// The generation of the route that the router has wholly in force, `nil` when that is not known.
    public var routeGeneration: Generation?
    /// Whether a router could be asked at all. While it can't, nothing is known of health or requests.
    public var isRouterReachable: Bool { split != nil }
    /// What each release has served since the router first knew it; empty when it was not asked for.
    public var traffic: [ReleaseTraffic]
    /// The hooks of the rollout under way that have ended, the last measurement of each of its metrics, and what its probes found.
    public var hooks: [HookResult]
    public var measurements: [Measurement]
    public var probes: TrafficCount?

    public init(
        fleets: [FleetObservation], split: Split?, engineGeneration: Generation? = nil, routeGeneration: Generation? = nil,
        traffic: [ReleaseTraffic] = [], hooks: [HookResult] = [],
        measurements: [Measurement] = [], probes: TrafficCount? = nil
    ) {
        self.fleets = fleets
        self.split = split
        self.engineGeneration = engineGeneration
        self.routeGeneration = routeGeneration
        self.traffic = traffic
        self.hooks = hooks
        self.measurements = measurements
        self.probes = probes
    }

    public func fleet(_ release: ReleaseNumber) -> FleetObservation {
        fleets.first { $0.release == release } ?? FleetObservation(release: release, size: 0, instances: [])
    }
}

public struct FleetObservation: Hashable, Sendable, Codable {
    public var release: ReleaseNumber
    /// How many instances the engine has been told to run.
    public var size: Int
    /// Those that run or are starting or ending.
    public var instances: [InstanceObservation]
    /// How many instances of this fleet have ended by themselves since it last began from nothing (a fleet without size and
    /// instances is forgotten, its failures with it), and how the last of them did.
    public var failures: Int
    public var lastFailure: String?
    /// Why the engine can't start an instance at the moment: the image is gone, no address is left.
    public var startError: String?

    public init(
        release: ReleaseNumber, size: Int, instances: [InstanceObservation], failures: Int = 0, lastFailure: String? = nil,
        startError: String? = nil
    ) {
        self.release = release
        self.size = size
        self.instances = instances
        self.failures = failures
        self.lastFailure = lastFailure
        self.startError = startError
    }

    public var healthy: Int { instances.count { $0.health == .up } }
    /// Requests that the router has handed to this fleet and not seen answered.
    public var requestsInFlight: Int { instances.reduce(0) { $0 + $1.requestsInFlight } }
    public var streamsInFlight: Int { instances.reduce(0) { $0 + $1.streamsInFlight } }
}

public struct InstanceObservation: Hashable, Sendable, Codable {
    public enum Health: String, Sendable, Codable {
        /// The router has not seen it healthy yet.
        case starting
        case up
        case down
        /// It gets no new requests, whatever its checks say.
        case draining
        /// It was told to end.
        case ending
    }

    public var id: InstanceID
    public var health: Health
    /// Requests that the router has handed to it and not seen answered, streams aside.
    public var requestsInFlight: Int
    /// Connections that were upgraded, and answers that go on without an end, such as server-sent events.
    public var streamsInFlight: Int
    /// What it has served since the router first knew it; `nil` when it was not asked for.
    public var served: TrafficCount?
    /// What the router's last check said, such as `L4CON: connection refused`; `nil` when it said nothing.
    public var checkResult: String?
    public var startedAt: Timestamp

    public init(
        id: InstanceID, health: Health, requestsInFlight: Int, streamsInFlight: Int = 0, served: TrafficCount? = nil, checkResult: String? = nil,
        startedAt: Timestamp
    ) {
        self.id = id
        self.health = health
        self.requestsInFlight = requestsInFlight
        self.streamsInFlight = streamsInFlight
        self.served = served
        self.checkResult = checkResult
        self.startedAt = startedAt
    }
}
