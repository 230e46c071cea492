import IngotModel
import Lint

/// What lint has found: each with its place, the line it is about, and what to do.
struct LintView: View {
    var value: LintReport
    /// The text of each file as a terminal may show it, by name.
    var sources: [String: String] = [:]

    func lines(_ style: TextStyle) -> [String] { value.findings.flatMap { lines($0, style) } + [summary(style)] }

    private func lines(_ finding: LintFinding, _ style: TextStyle) -> [String] {
        let colour = Self.colour(finding.severity)
        let place = style.paint("\(Terminal.safe(finding.place.description)):", .bold)
        let heading = "\(place) \(style.paint("\(finding.severity.rawValue):", colour)) \(Terminal.safe(finding.message)) [\(finding.rule)]"
        let excerpt = finding.place.source.flatMap { location in
            sources[location.file].map { SourceExcerpt(source: $0, location: location, around: 0).lines(style, colour) }
        }
        return [heading] + (excerpt ?? []) + ["  \(style.paint("to do:", .cyan)) \(Terminal.safe(finding.fix))"]
    }

    private func summary(_ style: TextStyle) -> String {
        let ignored = value.exempted.isEmpty ? "" : "; \(Words.count(value.exempted.count)) ignored"
        guard !value.findings.isEmpty else { return "nothing found in \(value.subjects.map(Terminal.safe).joined(separator: ", "))\(ignored)" }
        let counts = LintSeverity.allCases.reversed().compactMap { severity -> String? in
            let count = value.count(severity)
            return count == 0 ? nil : style.paint(Words.count(count, severity.rawValue), Self.colour(severity))
        }
        return counts.joined(separator: ", ") + ignored
    }

    private static func colour(_ severity: LintSeverity) -> Colour {
        switch severity {
        case .error: .red
        case .warning: .yellow
        case .note: .cyan
        }
    }
}
