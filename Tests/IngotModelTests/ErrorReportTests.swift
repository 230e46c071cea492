import IngotModel
import Testing

@Suite("Errors as they are told")
struct ErrorReportTests {
    struct Failure: ExplainedError {
        var code = "test.failed"
        var message: String
        var remedy: String?
        var fault = Fault.user
        var cause: (any Error)?
    }

    struct Plain: Error, CustomStringConvertible { var description: String { "no space left" } }

    @Test("the chain of causes is told from the outermost to the innermost, then what to do")
    func chain() {
        let report = ErrorReport(
            Failure(message: "can't build", remedy: "free some space", cause: Failure(message: "can't write the layer", cause: Plain())))
        #expect(report.lines == ["can't build", "  because: can't write the layer", "  because: no space left", "  to do: free some space"])
        #expect(report.code == "test.failed" && report.fault == .user)
    }

    @Test("an error prints its own level only")
    func ownLevel() { #expect("\(Failure(message: "outer", cause: Plain()))" == "outer") }

    @Test("an error that explains nothing is the world's")
    func plain() {
        let report = ErrorReport(Plain())
        #expect(report.code == "unexpected" && report.fault == .world && report.lines == ["no space left"])
    }

    @Test("a chain without end is cut")
    func endless() {
        var error: any Error = Plain()
        for depth in 0..<100 { error = Failure(message: "\(depth)", cause: error) }
        #expect(ErrorReport(error).causes.count == 16)
    }

    @Test("a report goes through JSON unchanged")
    func inJSON() throws {
        let report = ErrorReport(Failure(message: "a", remedy: "b", cause: Plain()))
        #expect(try value(ErrorReport.self, from: json(report)) == report)
    }

    @Test("whose mistake it was decides the exit code", arguments: [(Fault.user, 2), (.world, 1), (.gate, 3)] as [(Fault, Int32)])
    func exitCodes(fault: Fault, code: Int32) { #expect(fault.exitCode == code) }

    @Test("a diagnostic is written as compilers write it")
    func diagnostic() {
        let diagnostic = Diagnostic(
            .error, at: SourceLocation(file: "ingot.yaml", line: 3, column: 5), "unknown key 'prot'", hint: "did you mean 'port'?")
        #expect(diagnostic.description == "ingot.yaml:3:5: error: unknown key 'prot'; did you mean 'port'?")
    }
}
