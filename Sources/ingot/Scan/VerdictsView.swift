import IngotModel

/// What gates say, with what stands against the image and what to do.
struct VerdictsView: View {
    var value: [GateVerdict]

    func lines(_ style: TextStyle) -> [String] { value.flatMap { lines(of: $0, style) } }

    private func lines(of verdict: GateVerdict, _ style: TextStyle) -> [String] {
        let word = verdict.passes ? style.paint("passes", .green) : style.paint("says no", .red)
        var remedies: [String] = []
        for objection in verdict.objections where !remedies.contains(objection.remedy) { remedies.append(objection.remedy) }
        return ["\(verdict.gate.rawValue) \(word): \(Self.summary(of: verdict))"]
            + verdict.objections.map { "  because: \(Terminal.safe($0.message))" } + remedies.map { "  to do: \(Terminal.safe($0))" }
    }

    /// With who judged, and how old the knowledge was.
    static func summary(of verdict: GateVerdict) -> String {
        let scanner = verdict.scanner.map { $0 == "ingot" ? "" : ", by \($0)" } ?? ""
        let asOf = verdict.advisoriesAsOf.map { ", advisories of \($0.text.prefix(10))" } ?? ""
        return "\(verdict.summary)\(scanner)\(asOf)"
    }
}

/// The same, a line for each.
struct VerdictTable {
    var verdicts: [GateVerdict]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !verdicts.isEmpty else { return [] }
        var table = Table([.left("GATE"), .left("VERDICT"), .left("FOUND"), .left("EXAMINED")])
        for verdict in verdicts {
            table.add(
                Table.Cell(verdict.gate.rawValue), verdict.passes ? Table.Cell("passes", .green) : Table.Cell("says no", .red),
                Table.Cell(VerdictsView.summary(of: verdict)), Table.Cell(Words.ago(verdict.examinedAt, now: now)))
        }
        return table.lines(style)
    }
}
