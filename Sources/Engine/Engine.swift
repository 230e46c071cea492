public import IngotModel

/// Where fleets live.
///
/// An engine runs as many instances of a fleet as it was told, replaces those that end by themselves
/// (with a growing pause), and takes no other decision. It never changes an instance in place.
public protocol Engine: Sendable {
    /// Makes a fleet have `size` instances, and goes on keeping it so.
    ///
    /// Returns once the wish is on record, not once it is fulfilled: `fleets(of:)` tells of it from then on. Idempotent. Instances beyond `size` are told
    /// to end by their stop signal and, after their grace, are killed; the caller has drained them before.
    ///
    /// - Parameter ending: who ends, now; what is then missing from `size` is started anew. Nobody else ends: where one of these is gone
    ///   already, or was replaced, the fleet stays as much larger. `nil` leaves it to the engine who is beyond `size`.
    /// - Throws: `EngineError.staleGeneration` when a newer generation was carried out for this fleet's environment.
    func resize(_ fleet: FleetSpecification, to size: Int, ending: Set<InstanceID>?, generation: Generation) async throws

    /// Refuses everything of an older generation for an environment from now on, also what is on its way already. Idempotent.
    ///
    /// A target that resizes no fleet would otherwise leave the engine open to what an earlier one asked and what comes late.
    /// - Throws: `EngineError.staleGeneration` when a newer generation was carried out for the environment.
    func fence(_ environment: EnvironmentID, generation: Generation) async throws

    /// The newest generation that an environment was fenced or resized with; 0 when there was none. What `fleets(of:)` tells after this
    /// was asked is not changed by anything older any more.
    func generation(of environment: EnvironmentID) async throws -> Generation

    /// The fleets of an environment that have instances or are to have some. One that has neither is forgotten, and with it its
    /// failures: when it comes back it begins from nothing.
    func fleets(of environment: EnvironmentID) async throws -> [FleetStatus]

    /// Every fleet of which an instance is running, also those that nobody asked for in this life of the daemon.
    func allFleets() async throws -> [FleetID]

    /// Environments in which something may have changed. Each caller gets its own stream; changes may be merged, never lost.
    func changes() -> AsyncStream<EnvironmentID>
}

extension Engine {
    public func resize(_ fleet: FleetSpecification, to size: Int, generation: Generation) async throws {
        try await resize(fleet, to: size, ending: nil, generation: generation)
    }
}

/// What an engine knows of a fleet. Health and requests are the router's to say.
public struct FleetStatus: Hashable, Sendable {
    public var fleet: FleetID
    public var size: Int
    public var instances: [InstanceStatus]
    /// See `FleetObservation`.
    public var failures: Int
    public var lastFailure: String?
    public var startError: String?

    public init(
        fleet: FleetID, size: Int, instances: [InstanceStatus], failures: Int = 0, lastFailure: String? = nil, startError: String? = nil
    ) {
        self.fleet = fleet
        self.size = size
        self.instances = instances
        self.failures = failures
        self.lastFailure = lastFailure
        self.startError = startError
    }
}

public struct InstanceStatus: Hashable, Sendable {
    public var id: InstanceID
    /// Where the router reaches it. Known before the instance runs.
    public var endpoint: Endpoint
    public var readiness: Readiness
    public var startedAt: Timestamp
    /// Whether it was told to end.
    public var isEnding: Bool

    public init(id: InstanceID, endpoint: Endpoint, readiness: Readiness, startedAt: Timestamp, isEnding: Bool) {
        self.id = id
        self.endpoint = endpoint
        self.readiness = readiness
        self.startedAt = startedAt
        self.isEnding = isEnding
    }
}

/// An IP address and a TCP port.
public struct Endpoint: Hashable, Sendable, Codable, CustomStringConvertible {
    public var address: String
    public var port: Int
    public init(address: String, port: Int) {
        self.address = address
        self.port = port
    }
    public var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
