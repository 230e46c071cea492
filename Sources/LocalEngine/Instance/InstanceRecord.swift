public import Engine
public import IngotModel

/// What is known of an instance, running or ended.
public struct InstanceRecord: Hashable, Sendable {
    public enum State: String, Sendable, Codable { case starting, running, ending, ended }
    public var id: InstanceID
    public var fleet: FleetID
    public var image: Digest
    public var state: State
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// How it ended, in words.
    public var ending: String?
    public var endpoint: Endpoint
    /// The container's first process, as the host sees it.
    public var processID: Int?
    /// How its root file system is protected on this machine.
    public var rootProtection: String
}

/// Something of this engine's that nobody owned, and that was ended.
public struct Orphan: Hashable, Sendable {
    public var id: InstanceID?
    /// What it was and why it was ended, in words.
    public var what: String
}
