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

    var value: Value { Value(error: report, diagnostics: diagnostics.isEmpty ? nil : diagnostics) }

    func lines(_ style: TextStyle) -> [String] {
        var lines = diagnostics.flatMap { DiagnosticView(diagnostic: $0, source: sources[$0.location.file]).lines(style) }
        lines += output.map { style.paint("  | ", .faint) + $0 }
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

    var value: Diagnostic { diagnostic }

    func lines(_ style: TextStyle) -> [String] {
        let colour: Colour = diagnostic.severity == .error ? .red : .yellow
        let location = style.paint("\(diagnostic.location):", .bold)
        let hint = diagnostic.hint.map { "; \($0)" } ?? ""
        return ["\(location) \(style.paint("\(diagnostic.severity.rawValue):", colour)) \(diagnostic.message)\(hint)"] + excerpt(style, colour)
    }

    private func excerpt(_ style: TextStyle, _ colour: Colour) -> [String] {
        let lines = source?.split(omittingEmptySubsequences: false) { $0.isNewline } ?? []
        let index = diagnostic.location.line - 1
        guard lines.indices.contains(index) else { return [] }
        // A tab before the caret stays one, so that the caret stands where the terminal puts the character.
        let indent = lines[index].prefix(max(0, diagnostic.location.column - 1)).map { $0 == "\t" ? "\t" : " " }.joined()
        let line = lines[index].count > 200 ? "\(lines[index].prefix(200))…" : String(lines[index])
        let caret = indent.count <= 200 ? ["  \(indent)\(style.paint("^", colour))"] : []
        return ["  \(line)"] + caret
    }
}
