public import IngotModel

/// `POST /v1/services/{service}/evidence`: how a test of an image went.
public struct TestEvidence: Sendable, Codable, Equatable {
    public var image: Digest
    public var test: String
    public var passed: Bool
    public var took: Milliseconds
    /// The last lines that the test printed.
    public var output: String
    /// How it ended, in a few words; `nil` in records of before it was kept.
    public var ending: String?
    public var details: TestDetails?
    /// When it ended; `nil` in records of before it was kept.
    public var at: Timestamp?
    /// Who recorded it; the daemon says so, whatever was sent.
    public var by: String?

    public init(
        image: Digest, test: String, passed: Bool, took: Milliseconds, output: String, ending: String? = nil, details: TestDetails? = nil,
        at: Timestamp? = nil, by: String? = nil
    ) {
        self.image = image
        self.test = test
        self.passed = passed
        self.took = took
        self.output = output
        self.ending = ending
        self.details = details
        self.at = at
        self.by = by
    }
}
