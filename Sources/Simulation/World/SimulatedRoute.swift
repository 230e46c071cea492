public import Engine
public import IngotModel

/// What the simulated router holds for one environment.
public struct SimulatedRoute: Hashable, Sendable {
    public var environment: EnvironmentID
    /// What stands on disk: the newest route that was asked for.
    public var saved: Route
    /// What is in force; another than `saved` while the router is late.
    public var inForce: Route?
    /// When `saved` comes into force.
    public var inForceFrom: Timestamp?
    public var servers: [SimulatedServer] = []
    public var traffic: [ReleaseTraffic] = []
    public var lastRequests: [ReleaseNumber: Timestamp] = [:]
    /// Whether any request was ever answered.
    public var hasServed = false

    public func server(_ id: InstanceID) -> SimulatedServer? { servers.first { $0.id == id } }

    /// Streams too.
    public func requestsInFlight(of release: ReleaseNumber) -> Int {
        servers.reduce(0) { $1.release == release ? $0 + $1.requests.count : $0 }
    }

    mutating func count(_ release: ReleaseNumber, _ counter: WritableKeyPath<TrafficCount, Int>, _ number: Int = 1) {
        guard number > 0 else { return }
        if !traffic.contains(where: { $0.release == release }) { traffic.append(ReleaseTraffic(release: release, served: TrafficCount())) }
        guard let index = traffic.firstIndex(where: { $0.release == release }) else { return }
        traffic[index].served[keyPath: counter] += number
    }
}

/// An instance as the simulated router sees it.
public struct SimulatedServer: Hashable, Sendable {
    public var id: InstanceID
    public var release: ReleaseNumber
    public var state: RouteServer.State
    /// From when on its checks pass; `nil` for never.
    public var upFrom: Timestamp?
    /// From when on they fail.
    public var downFrom: Timestamp?
    /// Requests and streams, the oldest first.
    public var requests: [SimulatedRequest] = []
    public var served = TrafficCount()
    /// What its check may take.
    var checkTimeout: Milliseconds = .seconds(2)

    public var streams: Int { requests.count { $0.isStream } }

    public func isUp(at now: Timestamp) -> Bool {
        guard let upFrom, upFrom <= now else { return false }
        return downFrom.map { now < $0 } ?? true
    }

    func health(at now: Timestamp) -> InstanceObservation.Health {
        guard state == .active else { return .draining }
        if isUp(at: now) { return .up }
        return downFrom.map { $0 <= now } ?? false ? .down : .starting
    }

    func observation(at now: Timestamp) -> ServerObservation {
        ServerObservation(
            health: health(at: now), requestsInFlight: requests.count - streams, streamsInFlight: streams, served: served,
            checkResult: isUp(at: now) ? "L7OK" : "L4CON: connection refused")
    }
}

/// A request that was handed to an instance.
public struct SimulatedRequest: Hashable, Sendable {
    /// When it is answered; `nil` for one that never is, such as a stream.
    public var endsAt: Timestamp?
    public var isStream = false
    /// Whether its answer is a server error, and when it was handed over.
    var isWrong = false
    var startedAt: Timestamp?
    /// Of one that a user began and will ask after.
    var id: Int?
}
