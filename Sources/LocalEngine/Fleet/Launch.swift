import IngotModel

/// One instance that is to be started: everything that had to be decided about it.
struct Launch: Hashable, Sendable {
    var id: InstanceID
    var address: IPv4Address
    var specification: FleetSpecification
    var generation: Generation
    var decidedAt: Timestamp

    var fleet: FleetID { specification.fleet }
}

/// What the state machine wants done. The shell does it and tells what came of it by an event.
enum EngineAction: Hashable, Sendable {
    /// Answered by `instanceRuns`, `instanceDidNotStart` or `instanceEnded`.
    case start(Launch)
    /// Tell the supervisor to end the instance; answered by `instanceEnded`.
    case stop(InstanceID)
    /// The supervisor did not do it in time: end it and the container by force; answered by `instanceEnded`.
    case kill(InstanceID)
}

/// An instance of an earlier life of the daemon that was found running.
struct Adoption: Hashable, Sendable {
    var id: InstanceID
    var address: IPv4Address
    var specification: FleetSpecification
    var generation: Generation
    var startedAt: Timestamp
    /// Whether it had been told to end.
    var isEnding: Bool
}
