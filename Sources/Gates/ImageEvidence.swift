public import IngotModel

/// What is on record about an image, as far as a gate asks for it.
public struct ImageEvidence: Hashable, Sendable, Codable {
    public var digest: Digest
    /// Whether it was built from a tree with changes that no commit holds.
    public var isDirty: Bool
    /// What the gates that read the image said of it.
    public var verdicts: [GateVerdict]
    /// The tests whose last run with this digest passed, and those whose last run failed. None stands in both.
    public var passedTests: Set<String>
    public var failedTests: Set<String>
    /// The environments in which a rollout of this digest has succeeded.
    public var succeededIn: Set<EnvironmentName>
    /// Why somebody has rejected it; `nil` when nobody did.
    public var rejection: String?

    public init(
        digest: Digest, isDirty: Bool, verdicts: [GateVerdict] = [], passedTests: Set<String> = [], failedTests: Set<String> = [],
        succeededIn: Set<EnvironmentName> = [], rejection: String? = nil
    ) {
        self.digest = digest
        self.isDirty = isDirty
        self.verdicts = verdicts
        self.passedTests = passedTests
        self.failedTests = failedTests
        self.succeededIn = succeededIn
        self.rejection = rejection
    }
}
