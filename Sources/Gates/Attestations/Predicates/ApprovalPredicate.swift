public import IngotModel

/// That somebody lets an image run in an environment, or does not.
///
/// It is about the digest in its statement and no other, and ends by itself.
public struct ApprovalPredicate: StatementPredicate {
    public static let predicateType = "urn:ingot:approval:1"

    public enum Decision: String, Sendable, Codable {
        case approved, rejected
    }

    public var environment: String
    public var decision: Decision
    /// Who decided.
    public var by: String
    public var reason: String?
    public var decidedAt: Timestamp
    /// From when on it counts for nothing.
    public var expiresAt: Timestamp

    public init(environment: String, decision: Decision, by: String, reason: String?, decidedAt: Timestamp, expiresAt: Timestamp) {
        self.environment = environment
        self.decision = decision
        self.by = by
        self.reason = reason
        self.decidedAt = decidedAt
        self.expiresAt = expiresAt
    }

    public func isInForce(at time: Timestamp) -> Bool { decidedAt <= time && time < expiresAt }
}
