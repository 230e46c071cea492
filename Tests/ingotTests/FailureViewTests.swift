import IngotModel
import Testing

@testable import ingot

@Suite struct FailureViewTests {
    @Test("an error is its message, why, and what to do")
    func chain() {
        let cause = CommandError("inner", "connect: no such file or directory")
        let error = CommandError("outer", "no daemon answers on /x", remedy: "start it", fault: .world, cause: cause)
        #expect(
            Failure.view(of: error).lines(.plain) == [
                "error: no daemon answers on /x", "  because: connect: no such file or directory", "  to do: start it",
            ])
    }

    @Test("a mistake in a file is shown in the form of compilers, with a caret under its place")
    func diagnostic() {
        let diagnostic = Diagnostic(
            .error, at: SourceLocation(file: "ingot.yaml", line: 2, column: 8), "unknown key 'prot'", hint: "did you mean 'port'?")
        #expect(
            DiagnosticView(diagnostic: diagnostic, source: "service: shop\nrun: { prot: 80 }\n").lines(.plain) == [
                "ingot.yaml:2:8: error: unknown key 'prot'; did you mean 'port'?",
                "  run: { prot: 80 }",
                "         ^",
            ])
    }

    @Test("the caret stands under tabs and wide letters too", arguments: [("\tfoo", 2, "  \t^"), ("größe x", 7, "        ^"), ("", 1, "  ^")])
    func caret(line: String, column: Int, caret: String) {
        let diagnostic = Diagnostic(.warning, at: SourceLocation(file: "f", line: 1, column: column), "m")
        #expect(DiagnosticView(diagnostic: diagnostic, source: line).lines(.plain).last == caret)
    }

    @Test("a place beyond the source, or a source that is gone, is told without an excerpt", arguments: ["a", nil])
    func noExcerpt(source: String?) {
        let diagnostic = Diagnostic(.error, at: SourceLocation(file: "f", line: 9, column: 1), "m")
        #expect(DiagnosticView(diagnostic: diagnostic, source: source).lines(.plain) == ["f:9:1: error: m"])
    }

    @Test("for programs an error is one line of JSON")
    func json() {
        let failure = FailureView(report: ErrorReport(code: "ingot.x", message: "m", remedy: "r", fault: .gate, causes: ["c"]))
        #expect(
            Renderer(format: .json, style: .plain).error(failure)
                == #"{"error":{"causes":["c"],"code":"ingot.x","fault":"gate","message":"m","remedy":"r"}}"# + "\n")
    }
}
