import Gates
import IngotModel

/// What was found in an image, the worst first, and what each gate says.
struct ScanView: View {
    var value: ImageExamination

    func lines(_ style: TextStyle) -> [String] {
        let parts = [vulnerabilities(style), secrets(style), notes(style), VerdictsView(value: value.verdicts).lines(style)]
        return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
    }

    private func vulnerabilities(_ style: TextStyle) -> [String] {
        let findings = value.vulnerabilities?.findings ?? []
        guard !findings.isEmpty else { return [] }
        var table = Table([
            .left("PACKAGE"), .left("VERSION"), .left("MENDED IN"), .left("ID"), .left("SEVERITY"), .left("GATE"), .left("WHERE"),
        ])
        for finding in findings {
            table.add(
                Table.Cell(Terminal.safe(finding.name)), Table.Cell(Terminal.safe(finding.version)),
                Table.Cell(Terminal.safe(finding.fixedVersion ?? "–")), Table.Cell(Terminal.safe(finding.id)), Self.severity(finding.severity),
                Self.decision(finding.decision), Table.Cell(Terminal.safe(finding.place?.path ?? "–")))
        }
        return table.lines(style)
    }

    private static func severity(_ severity: Severity) -> Table.Cell {
        switch severity {
        case .critical, .high: Table.Cell(severity.rawValue, .red)
        case .medium: Table.Cell(severity.rawValue, .yellow)
        case .unknown: Table.Cell("not rated", .yellow)
        case .low, .none: Table.Cell(severity.rawValue)
        }
    }

    private static func decision(_ decision: VulnerabilityFinding.Decision) -> Table.Cell {
        switch decision.outcome {
        case .fails: Table.Cell("fails", .red)
        case .excepted: Table.Cell("excepted until \(decision.until?.text ?? "–")")
        case .unimportant, .informational: Table.Cell(decision.outcome.rawValue)
        case .belowThreshold: Table.Cell("below fail-at")
        case .unfixed: Table.Cell("nothing mends it")
        }
    }

    private func secrets(_ style: TextStyle) -> [String] {
        guard !value.secrets.findings.isEmpty else { return [] }
        var table = Table([.left("SECRET"), .left("RULE"), .left("SAMPLE"), .left("GATE"), .left("WHERE"), .right("LINE"), .left("DELETED BY")])
        for finding in value.secrets.findings {
            table.add(
                Table.Cell(finding.title), Table.Cell(finding.rule), Table.Cell(Terminal.safe("\(finding.sample)")),
                finding.exception.map { Table.Cell("excepted until \($0.until)") } ?? Table.Cell("fails", .red),
                Table.Cell(Terminal.safe("\(finding.place)")), "\(finding.line)",
                Table.Cell(finding.hiddenBy.map { "layer \($0.short)" } ?? ""))
        }
        return table.lines(style)
    }

    /// What fails nothing and should be known: exceptions that do nothing, packages that were judged elsewhere.
    private func notes(_ style: TextStyle) -> [String] {
        let report = value.vulnerabilities
        let notes =
            value.secrets.notices + (report?.idleExceptions.map(\.message) ?? []) + (report?.unjudged.filter { !$0.fails }.map(\.message) ?? [])
        return notes.map { "\(style.paint("note:", .yellow)) \(Terminal.safe($0))" }
    }
}
