import IngotModel

/// An error as it is told: in the form of compilers for mistakes in a file, then the message, why, and what to do.
struct FailureView: View {
    struct Value: Encodable {
        var error: ErrorReport
        var diagnostics: [Diagnostic]?
    }

    var report: ErrorReport
    var diagnostics: [Diagnostic] = []
    /// The last lines of what failed, where it printed any.
    var output: [String] = []
    /// The text of each file that a diagnostic is about, where it could be read.
    var sources: [String: String] = [:]
    /// How many lines of a source are shown around a mistake.
    var linesAround = 0

    var value: Value { Value(error: report, diagnostics: diagnostics.isEmpty ? nil : diagnostics) }

    func lines(_ style: TextStyle) -> [String] {
        var lines = output.map { style.paint("  | ", .faint) + $0 }
        lines += diagnostics.flatMap { DiagnosticView(diagnostic: $0, source: sources[$0.location.file], around: linesAround).lines(style) }
        lines.append("\(style.paint("error:", .red)) \(report.message)")
        lines += report.causes.map { "  because: \($0)" }
        if let remedy = report.remedy { lines.append("  \(style.paint("to do:", .cyan)) \(remedy)") }
        return lines
    }
}

/// One mistake in a file, with the line it is in and a caret under its place.
struct DiagnosticView: View {
    var diagnostic: Diagnostic
    var source: String?
    /// How many lines before and behind are shown too; all are numbered then.
    var around = 0

    var value: Diagnostic { diagnostic }

    func lines(_ style: TextStyle) -> [String] {
        let colour: Colour = diagnostic.severity == .error ? .red : .yellow
        let location = style.paint("\(diagnostic.location):", .bold)
        let hint = diagnostic.hint.map { "; \($0)" } ?? ""
        let rule = diagnostic.rule.map { " [\($0)]" } ?? ""
        let excerpt = source.map { SourceExcerpt(source: $0, location: diagnostic.location, around: around).lines(style, colour) } ?? []
        return ["\(location) \(style.paint("\(diagnostic.severity.rawValue):", colour)) \(diagnostic.message)\(hint)\(rule)"] + excerpt
    }
}
