public import IngotModel
public import SystemPackage

/// A test that is a command on this machine, run against an instance that exists for it alone.
public struct CommandTest: Sendable {
    /// The bytes of output that are kept, from its end: the evidence is stored.
    public static let outputLimit: ByteSize = 65_536
    /// From here on it is told how much a command has printed.
    static let loud = ByteSize.mebibytes(16)

    public var command: [String]
    /// Where the command runs: the folder of `ingot.yaml`.
    public var folder: FilePath
    public var deadline: Milliseconds
    /// The JUnit files that it writes, relative to the folder.
    public var report: String?

    public init(command: [String], folder: FilePath, deadline: Milliseconds, report: String? = nil) {
        self.command = command
        self.folder = folder
        self.deadline = deadline
        self.report = report
    }

    /// Runs the command once with the instance's address in `INGOT_URL`.
    ///
    /// - Throws: `GateError` when the command can't be started at all, and what the bench throws.
    public func run(on bench: any TestBench) async throws -> TestOutcome {
        try await bench.withInstance { instance in
            let files = report.map { ReportFiles(pattern: $0, folder: folder) }
            let before = files?.present() ?? [:]
            let outcome = try await run(against: instance.url, variables: bench.variables)
            let cases = files.map { files in Result { () throws(GateError) in try files.read(changedSince: before) } }
            return Self.judged(outcome, instance: try await bench.ending(of: instance.id), cases: cases)
        }
    }

    func run(against url: String, variables: [String: String]) async throws -> CommandOutcome {
        try await BoundedCommand(
            command: command, folder: folder, environment: variables.merging(["INGOT_URL": url]) { $1 }, deadline: deadline,
            outputLimit: Self.outputLimit
        ).run()
    }

    // MARK: Judging

    /// Pure. It passes by exit code 0 in time, with an instance that is still there, and a report, if it has one, in which cases passed and none
    /// failed.
    static func judged(_ outcome: CommandOutcome, instance: InstanceEnding?, cases: Result<TestCases, GateError>?) -> TestOutcome {
        let found = try? cases?.get()
        let verdict = verdict(on: outcome, instance: instance, cases: cases)
        return TestOutcome(
            passed: verdict.passed, took: outcome.took, ending: verdict.ending, output: outcome.output, remedy: verdict.remedy,
            details: found.map { TestDetails(cases: $0) })
    }

    private static func verdict(on outcome: CommandOutcome, instance: InstanceEnding?, cases: Result<TestCases, GateError>?) -> TestVerdict {
        let told = ending(of: outcome)
        if let instance {
            return .fail(
                "the instance ended during the test (\(instance.words)); the command: \(told)",
                remedy: "a test must leave its instance running: see whether the command or the service ends it")
        }
        switch cases {
        case nil: return TestVerdict(passed: outcome.passed, ending: told)
        case .failure(let error): return .fail("\(told), and \(error.message)", remedy: error.remedy)
        case .success(let cases):
            let counts = "\(cases.total) cases, \(cases.failed) failed, \(cases.skipped) skipped"
            guard cases.passed > 0 || cases.failed > 0 else {
                let remedy = "see why the command skipped every case: that shows nothing about the image"
                return .fail("no case passed: \(counts); \(told)", remedy: remedy)
            }
            return TestVerdict(passed: outcome.passed && cases.failed == 0, ending: "\(counts); \(told)")
        }
    }

    static func ending(of outcome: CommandOutcome) -> String {
        var words = outcome.ending
        if outcome.printed > loud { words += "; it printed \(outcome.printed), of which the end is kept" }
        if outcome.leftBehind > 0 {
            words += "; processes that it left behind were ended (\(outcome.leftBehind))"
        }
        return words
    }
}
