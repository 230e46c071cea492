import API
import Gates
import IngotModel

/// What tests said that have just run.
struct TestResultsView: View {
    struct Value: Encodable {
        struct Test: Encodable {
            var name: String
            var passed: Bool
            var took: Milliseconds
            var ending: String
            var remedy: String?
            var details: TestDetails?
        }
        var image: Digest
        var tests: [Test]
    }
    let image: Digest
    let results: [TestResult]

    var value: Value {
        Value(
            image: image,
            tests: results.map {
                Value.Test(
                    name: $0.name, passed: $0.outcome.passed, took: $0.outcome.took, ending: $0.outcome.ending, remedy: $0.outcome.remedy,
                    details: $0.outcome.details)
            })
    }

    func lines(_ style: TextStyle) -> [String] {
        guard !results.isEmpty else { return ["ingot.yaml has no test that could be run with \(image.short)"] }
        let failed = results.count { !$0.outcome.passed }
        return ["\(image.short): \(Words.count(results.count, "test")), \(failed == 0 ? "all passed" : "\(failed) failed")"]
    }
}

/// The tests of an image that are on record.
struct TestListView: View {
    var value: [TestEvidence]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["No test has run with this image. `ingot test` runs those of ingot.yaml."] }
        var table = Table([.left("TEST"), .left("RESULT"), .right("TOOK"), .right("WHEN"), .left("WHY")])
        for evidence in value {
            table.add(
                Table.Cell(evidence.test), evidence.passed ? Table.Cell("passed", .green) : Table.Cell("failed", .red),
                Table.Cell(Words.time(evidence.took)), Table.Cell(evidence.at.map { Words.ago($0, now: now) } ?? "–"),
                Table.Cell(Terminal.safe(evidence.ending ?? "–")))
        }
        return table.lines(style)
    }
}

/// One test of an image, with all that is kept of it.
struct TestEvidenceView: View {
    var value: TestEvidence
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        let result = value.passed ? style.paint("passed", .green) : style.paint("failed", .red)
        let when = value.at.map { ", \(Words.ago($0, now: now))" } ?? ""
        let head = ["\(value.test): \(result) in \(Words.time(value.took))\(when)"] + (value.ending.map { ["  \(Terminal.safe($0))"] } ?? [])
        let output = value.output.split(separator: "\n", omittingEmptySubsequences: false)
            .map { style.paint("  | ", .faint) + Terminal.safe(String($0)) }
        return head + details + (value.output.isEmpty ? [] : output)
    }

    private var details: [String] {
        let cases = value.details?.cases.map { cases in
            ["  \(cases.total) cases: \(cases.passed) passed, \(cases.failed) failed, \(cases.skipped) skipped"]
                + cases.failures.map { "    \(Terminal.safe($0.name)): \(Terminal.safe($0.message))" }
        }
        return (cases ?? []) + (value.details?.writes.map(Self.lines) ?? [])
    }

    private static func lines(_ writes: WriteRecord) -> [String] {
        let paths = writes.paths.map { path in
            let place = path.place == .root ? "refused in a release" : "allowed"
            let moments = path.moments.map { $0 == .start ? "at start" : "in service" }.joined(separator: " and ")
            return "    \(Terminal.safe(path.path)) (\(path.kind.rawValue), \(ByteSize(path.bytes)), \(moments), \(place))"
        }
        let more = writes.omittedPaths > 0 ? ["    and \(writes.omittedPaths) more"] : []
        let programs = writes.programs.map { "    \(Terminal.safe($0.command)) (\($0.moment == .start ? "at start" : "in service"))" }
        return (paths.isEmpty ? ["  it wrote nothing"] : ["  it wrote:"] + paths + more) + (programs.isEmpty ? [] : ["  it ran:"] + programs)
    }
}
