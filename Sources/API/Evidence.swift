public import IngotModel

/// `GET /v1/images/{digest}/evidence`: what is on record about an image, for each service that has asked.
public struct ImageRecord: Sendable, Codable, Equatable {
    public var service: ServiceName
    public var tests: [TestEvidence]
    /// The newest verdict of each gate, by the service's policy.
    public var verdicts: [GateVerdict]
    public init(service: ServiceName, tests: [TestEvidence], verdicts: [GateVerdict]) {
        self.service = service
        self.tests = tests
        self.verdicts = verdicts
    }
}

/// `GET …/releases/{number}/promotion`: what the promotion relied on that the release came of. It stays what it was.
public struct PromotionRecord: Sendable, Codable, Equatable {
    public var at: Timestamp
    public var actor: String
    public var tests: [TestEvidence]
    public var verdicts: [GateVerdict]
    /// How every gate stood; `nil` in records of before it was kept.
    public var gates: [GateStanding]?
    public init(at: Timestamp, actor: String, tests: [TestEvidence], verdicts: [GateVerdict], gates: [GateStanding]? = nil) {
        self.at = at
        self.actor = actor
        self.tests = tests
        self.verdicts = verdicts
        self.gates = gates
    }
}
