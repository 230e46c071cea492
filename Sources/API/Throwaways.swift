public import IngotModel

/// `POST /v1/services/{service}/throwaways`: asks for one instance of an image, outside every environment, for tests.
/// The answer comes when it is ready.
public struct ThrowawayRequest: Sendable, Codable, Equatable {
    public var image: Digest
    /// After this time it is ended even if nobody asked.
    public var lifetime: Milliseconds
    /// Given when it is no instance of the service but what one needs beside it.
    public var need: TestNeed?
    /// Throwaway instances of the same service that it may reach, by name.
    public var peers: [String: InstanceID]?
    /// Whether what it writes is recorded: its root is then one that it can write to.
    public var recordsWrites: Bool?

    public init(
        image: Digest, lifetime: Milliseconds, need: TestNeed? = nil, peers: [String: InstanceID]? = nil, recordsWrites: Bool? = nil
    ) {
        self.image = image
        self.lifetime = lifetime
        self.need = need
        self.peers = peers
        self.recordsWrites = recordsWrites
    }
}

/// `DELETE /v1/services/{service}/throwaways/{id}` ends it.
public struct Throwaway: Sendable, Codable, Equatable {
    public var id: InstanceID
    /// `http://169.254.…:8080`, reachable from this machine.
    public var url: String
    public init(id: InstanceID, url: String) {
        self.id = id
        self.url = url
    }
}

/// `GET /v1/services/{service}/throwaways/{id}`
public struct ThrowawayState: Sendable, Codable, Equatable {
    /// `nil` while it runs.
    public var ending: InstanceEnding?
    public init(ending: InstanceEnding?) { self.ending = ending }
}

/// `PUT /v1/services/{service}/throwaways/{id}/frozen`: whether all its processes stand still.
public struct ThrowawayFreeze: Sendable, Codable, Equatable {
    public var isFrozen: Bool
    public init(isFrozen: Bool) { self.isFrozen = isFrozen }
}

/// `GET /v1/services/{service}/throwaways/{id}/readiness`: the readiness check, asked once.
public struct ThrowawayReadiness: Sendable, Codable, Equatable {
    /// What is in the way; `nil` when it is ready.
    public var hindrance: String?
    public init(hindrance: String?) { self.hindrance = hindrance }
}
