/// What a test found out beyond pass or fail.
public struct TestDetails: Hashable, Sendable, Codable {
    /// From the command's JUnit report.
    public var cases: TestCases?
    public var writes: WriteRecord?
    public var stop: StopRecord?
    public var readiness: ReadinessRecord?

    public init(cases: TestCases? = nil, writes: WriteRecord? = nil, stop: StopRecord? = nil, readiness: ReadinessRecord? = nil) {
        self.cases = cases
        self.writes = writes
        self.stop = stop
        self.readiness = readiness
    }
}

/// The cases of a JUnit report, added up.
public struct TestCases: Hashable, Sendable, Codable {
    public var passed: Int
    public var failed: Int
    public var skipped: Int
    /// The first failed ones, at most `TestCases.keptFailures`.
    public var failures: [Failure]

    public struct Failure: Hashable, Sendable, Codable {
        /// `class.name`.
        public var name: String
        public var message: String
        public init(name: String, message: String) {
            self.name = name
            self.message = message
        }
    }

    public static let keptFailures = 50

    public init(passed: Int = 0, failed: Int = 0, skipped: Int = 0, failures: [Failure] = []) {
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
        self.failures = failures
    }

    public var total: Int { passed + failed + skipped }
}

/// How an instance ended after it was told to, with a request under way.
public struct StopRecord: Hashable, Sendable, Codable {
    public enum Fate: String, Hashable, Sendable, Codable {
        case answered
        /// The connection was closed before a whole answer had come.
        case cut
        /// There was no connection to begin with.
        case refused
        /// Neither an answer nor an end came in the time there was.
        case unanswered
    }
    public var request: String
    public var fate: Fate
    /// Of the answer.
    public var status: Int?
    /// From the moment the instance was told to end until its last process was gone; `nil` when it did not end.
    public var exitTook: Milliseconds?
    /// `exit code 0`, `ended by SIGKILL`.
    public var ending: String?
    /// Whether it had to be killed.
    public var wasKilled: Bool

    public init(
        request: String, fate: Fate, status: Int? = nil, exitTook: Milliseconds? = nil, ending: String? = nil, wasKilled: Bool = false
    ) {
        self.request = request
        self.fate = fate
        self.status = status
        self.exitTook = exitTook
        self.ending = ending
        self.wasKilled = wasKilled
    }
}

/// How the readiness check answered to a service that hangs, goes on, and has ended.
public struct ReadinessRecord: Hashable, Sendable, Codable {
    /// What the check said while every process stood still; `nil` when it said ready, which is wrong.
    public var whileFrozen: String?
    /// How long the check took to say so.
    public var frozenAnswerTook: Milliseconds
    /// From going on until it was ready again; `nil` when it was not in time.
    public var recoveryTook: Milliseconds?
    /// What the check said after the service had ended; `nil` when it said ready.
    public var afterEnd: String?

    public init(whileFrozen: String?, frozenAnswerTook: Milliseconds, recoveryTook: Milliseconds?, afterEnd: String?) {
        self.whileFrozen = whileFrozen
        self.frozenAnswerTook = frozenAnswerTook
        self.recoveryTook = recoveryTook
        self.afterEnd = afterEnd
    }
}
