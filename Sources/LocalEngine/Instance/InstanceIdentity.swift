import IngotModel

/// `instance.json`: what must be known of an instance to take it up again after the daemon was gone.
struct InstanceIdentity: Hashable, Sendable, Codable {
    var id: InstanceID
    var engine: EngineID
    var address: String
    var specification: FleetSpecification
    var generation: Generation
    var createdAt: Timestamp
}

/// `state.json`: the processes of a running instance. Start times are field 22 of `/proc/PID/stat`, clock ticks since the
/// machine started: a process identifier that was used again has another one.
struct SupervisorState: Hashable, Sendable, Codable {
    var supervisorPID: Int32
    var supervisorStartTime: UInt64
    var initPID: Int32
    var initStartTime: UInt64
    var startedAt: Timestamp
}
