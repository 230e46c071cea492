/// How tests of an image went.
///
/// Source: in-toto Attestation Framework, "Predicate type: Test Result", v0.1.
public struct TestResultPredicate: Predicate {
    public static let predicateType = "https://in-toto.io/attestation/test-result/v0.1"

    public enum Result: String, Sendable, Codable {
        case passed = "PASSED"
        case warned = "WARNED"
        case failed = "FAILED"
    }

    public var result: Result
    /// What the tests ran with: the commit, the manifest.
    public var configuration: [ResourceDescriptor]
    /// Where their output is kept.
    public var url: String?
    public var passedTests: [String]?
    public var warnedTests: [String]?
    public var failedTests: [String]?

    public init(
        result: Result, configuration: [ResourceDescriptor], url: String? = nil, passedTests: [String]? = nil, warnedTests: [String]? = nil,
        failedTests: [String]? = nil
    ) {
        self.result = result
        self.configuration = configuration
        self.url = url
        self.passedTests = passedTests
        self.warnedTests = warnedTests
        self.failedTests = failedTests
    }
}
