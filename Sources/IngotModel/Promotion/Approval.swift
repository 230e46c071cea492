/// What a person decided about one image in one environment. It is never changed: a later decision of the same person takes its place.
public struct Approval: Hashable, Sendable, Codable {
    public enum Decision: String, Hashable, Sendable, Codable {
        case approved, rejected
    }

    public var environment: EnvironmentID
    public var image: Digest
    public var decision: Decision
    /// Who decided, as the daemon knows them: `user:alice`.
    public var by: String
    public var reason: String?
    public var at: Timestamp
    /// From when on it counts for nothing; `nil` for a rejection, which does not end by itself.
    public var expiresAt: Timestamp?
    /// Whether it lets the image be deployed while the environment is frozen, too.
    public var overridesFreeze: Bool
    /// The key that has signed it; `nil` when it was given to the daemon.
    public var key: String?

    public init(
        environment: EnvironmentID, image: Digest, decision: Decision, by: String, reason: String?, at: Timestamp, expiresAt: Timestamp?,
        overridesFreeze: Bool = false, key: String? = nil
    ) {
        self.environment = environment
        self.image = image
        self.decision = decision
        self.by = by
        self.reason = reason
        self.at = at
        self.expiresAt = expiresAt
        self.overridesFreeze = overridesFreeze
        self.key = key
    }

    /// Whether it counts now. At the very moment of its end it does not.
    public func isInForce(at now: Timestamp) -> Bool { at <= now && (expiresAt.map { now < $0 } ?? true) }
}
