public import IngotModel

/// How a test went.
public struct TestOutcome: Hashable, Sendable {
    public var passed: Bool
    public var took: Milliseconds
    /// Why, in a few words: `exit code 1`, `the request under way was answered (200); it ended after 312ms`.
    public var ending: String
    /// The last lines of what was printed.
    public var output: String
    /// What to do about a failure, where that is known.
    public var remedy: String?
    public var details: TestDetails?

    public init(
        passed: Bool, took: Milliseconds, ending: String, output: String = "", remedy: String? = nil, details: TestDetails? = nil
    ) {
        self.passed = passed
        self.took = took
        self.ending = ending
        self.output = output
        self.remedy = remedy
        self.details = details
    }
}

/// What a test says in the end, before anybody has looked at the clock.
struct TestVerdict: Hashable, Sendable {
    var passed: Bool
    var ending: String
    var remedy: String?

    static func pass(_ ending: String) -> TestVerdict { TestVerdict(passed: true, ending: ending) }
    static func fail(_ ending: String, remedy: String? = nil) -> TestVerdict { TestVerdict(passed: false, ending: ending, remedy: remedy) }
}
