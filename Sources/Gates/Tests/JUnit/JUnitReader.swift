import IngotModel

/// Reads JUnit's XML, as the many who write it agree on: `testsuites` or `testsuite`, with cases that have `failure`, `error` or `skipped`.
///
/// What is not that is refused. A failure that stands outside every case counts as a failed one, and so does what a suite says has failed
/// beyond the failed cases in it.
struct JUnitReader {
    /// Cases in one file.
    static let caseLimit = 100_000
    static let nameLength = 200
    static let messageLength = 1_000

    enum Failure: Error, Hashable {
        case notJUnit(String)
        case tooManyCases
    }

    private struct Case {
        var name: String
        var failure: String?
        var isSkipped = false
    }

    /// What a suite says of itself in its attributes, and what was counted before it.
    private struct Suite {
        var name: String
        var claimed: Int
        var failedBefore: Int
    }

    private var cases = TestCases()
    /// Those that are open, outermost first.
    private var suites: [Suite] = []
    private var path: [String] = []
    private var current: Case?
    /// The message of the failure that is being read; its text is taken when it has none.
    private var message: String?
    private var text = ""

    /// - Throws: `XMLReader.Failure` and `Failure`.
    static func read(_ bytes: [UInt8]) throws -> TestCases {
        var reader = JUnitReader()
        try XMLReader.read(bytes) { event in try reader.take(event) }
        return reader.cases
    }

    private mutating func take(_ event: XMLReader.Event) throws {
        switch event {
        case .start(let name, let attributes): try start(name, attributes)
        case .text(let part): if message != nil, text.utf8.count < Self.messageLength { text += part }
        case .end(let name): try end(name)
        }
    }

    private mutating func start(_ name: String, _ attributes: [String: String]) throws {
        if path.isEmpty, !["testsuites", "testsuite"].contains(name) { throw Failure.notJUnit(name) }
        path.append(name)
        switch name {
        case "testsuites", "testsuite":
            suites.append(Suite(name: attributes["name"] ?? "", claimed: Self.claimed(attributes), failedBefore: cases.failed))
        case "testcase": current = Case(name: Self.name(attributes))
        case "failure", "error":
            message = attributes["message"] ?? attributes["type"] ?? ""
            text = ""
        case "skipped": current?.isSkipped = true
        default: break
        }
    }

    private mutating func end(_ name: String) throws {
        path.removeLast()
        switch name {
        case "failure", "error":
            let told = (message ?? "").isEmpty ? text : message ?? ""
            message = nil
            if current == nil { return try count(Case(name: "outside of every case", failure: told)) }
            if current?.failure == nil { current?.failure = told }
        case "testcase":
            if let current { try count(current) }
            current = nil
        case "testsuites", "testsuite": try close(suites.removeLast())
        default: break
        }
    }

    /// A report that was cut short, or leaves out what broke before a case had begun, must not look better than it says it is.
    private mutating func close(_ suite: Suite) throws {
        let counted = cases.failed - suite.failedBefore
        guard suite.claimed > counted else { return }
        let what = "the suite says that \(suite.claimed) failed; \(counted) failed cases are in it"
        try count(Case(name: suite.name, failure: what))
    }

    private mutating func count(_ item: Case) throws {
        guard cases.total < Self.caseLimit else { throw Failure.tooManyCases }
        guard let failure = item.failure else {
            if item.isSkipped { cases.skipped += 1 } else { cases.passed += 1 }
            return
        }
        cases.failed += 1
        guard cases.failures.count < TestCases.keptFailures else { return }
        cases.failures.append(
            TestCases.Failure(name: String(item.name.prefix(Self.nameLength)), message: String(Self.trimmed(failure).prefix(Self.messageLength))))
    }

    private static func claimed(_ attributes: [String: String]) -> Int {
        ["failures", "errors"].compactMap { attributes[$0].flatMap { Int($0) } }.map { min(max($0, 0), caseLimit) }.reduce(0, +)
    }

    private static func name(_ attributes: [String: String]) -> String {
        [attributes["classname"], attributes["name"]].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ".")
    }

    private static func trimmed(_ text: String) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? start.prefix(0)
    }
}

extension TestCases {
    /// The cases of several reports together.
    static func + (left: TestCases, right: TestCases) -> TestCases {
        TestCases(
            passed: left.passed + right.passed, failed: left.failed + right.failed, skipped: left.skipped + right.skipped,
            failures: Array((left.failures + right.failures).prefix(keptFailures)))
    }
}
