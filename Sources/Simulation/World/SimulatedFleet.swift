public import Engine
public import IngotModel

/// A fleet in the simulated engine.
public struct SimulatedFleet: Hashable, Sendable {
    public var specification: FleetSpecification
    public var size: Int
    public var instances: [SimulatedInstance] = []
    public var failures = 0
    public var lastFailure: String?
    public var startError: String?
    /// No instance starts before this moment: the pause after failures.
    public var nextStart: Timestamp

    var isGone: Bool { size == 0 && instances.isEmpty }

    var status: FleetStatus {
        FleetStatus(
            fleet: specification.fleet, size: size, instances: instances.map { $0.status(specification.run.readiness) },
            failures: failures, lastFailure: lastFailure, startError: startError)
    }

    /// The pause before an instance is started again: 100 ms, doubled with each failure, 10 s at most.
    var pause: Milliseconds { Milliseconds(min(10_000, 100 << min(failures, 7))) }
}

/// An instance in the simulated engine. Its life is written down when it starts: moments, not states.
public struct SimulatedInstance: Hashable, Sendable {
    public var id: InstanceID
    public var endpoint: Endpoint
    public var startedAt: Timestamp
    public var healthyFrom: Timestamp?
    public var sickFrom: Timestamp?
    /// When it ends, by itself or because it was told to.
    public var endsAt: Timestamp?
    public var isEnding = false
    /// How long it takes to answer a check.
    var checkTakes: Milliseconds

    init(id: InstanceID, endpoint: Endpoint, startedAt: Timestamp, behaviour: InstanceBehaviour) {
        self.id = id
        self.endpoint = endpoint
        self.startedAt = startedAt
        checkTakes = behaviour.checkTakes
        healthyFrom = behaviour.healthyAfter.map { startedAt + $0 }
        sickFrom = behaviour.sickAfter.map { startedAt + $0 }
        endsAt = behaviour.endsAfter.map { startedAt + $0 }
    }

    func status(_ readiness: Readiness) -> InstanceStatus {
        InstanceStatus(id: id, endpoint: endpoint, readiness: readiness, startedAt: startedAt, isEnding: isEnding)
    }
}
