public import IngotModel

/// What is on record about an image, as far as a gate asks for it.
public struct ImageEvidence: Hashable, Sendable, Codable {
    /// When something came about, and who said so; `nil` where that was not kept.
    public struct Origin: Hashable, Sendable, Codable {
        public var at: Timestamp?
        public var by: String?

        public init(at: Timestamp?, by: String? = nil) {
            self.at = at
            self.by = by
        }
    }

    public var digest: Digest
    public var commit: String?
    /// Whether it was built from a tree with changes that no commit holds.
    public var isDirty: Bool
    /// What the gates that read the image said of it.
    public var verdicts: [GateVerdict]
    /// The tests whose last run with this digest passed, and those whose last run failed. None stands in both.
    public var passedTests: Set<String>
    public var failedTests: Set<String>
    /// Of the last run of a test, by its name.
    public var testRuns: [String: Origin]
    /// The environments in which a rollout of this digest has succeeded.
    public var succeededIn: Set<EnvironmentName>
    /// Of the last of these rollouts.
    public var successes: [EnvironmentName: Origin]
    /// Why somebody has rejected it; `nil` when nobody did.
    public var rejection: String?

    public init(
        digest: Digest, commit: String? = nil, isDirty: Bool, verdicts: [GateVerdict] = [], passedTests: Set<String> = [],
        failedTests: Set<String> = [], testRuns: [String: Origin] = [:], succeededIn: Set<EnvironmentName> = [],
        successes: [EnvironmentName: Origin] = [:], rejection: String? = nil
    ) {
        self.digest = digest
        self.commit = commit
        self.isDirty = isDirty
        self.verdicts = verdicts
        self.passedTests = passedTests
        self.failedTests = failedTests
        self.testRuns = testRuns
        self.succeededIn = succeededIn
        self.successes = successes
        self.rejection = rejection
    }
}
