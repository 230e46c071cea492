import API
import IngotModel

/// How every gate stands to an image, and what to do about those that say no.
struct WhyView: View {
    var value: PromotionReport
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        title(style) + [""] + StandingTable(gates: value.gates, now: now).lines(style) + toDo(style)
    }

    private func title(_ style: TextStyle) -> [String] {
        let closed = value.gates.count { !$0.isOpen }
        let serves = value.serves ? "; it serves there now" : ""
        let count = closed == 0 ? "" : ": \(closed) of \(Words.count(value.gates.count, "gate")) \(closed == 1 ? "says" : "say") no"
        func words(_ verdict: String) -> String { "image \(value.image.short) \(verdict) in \(value.environment)\(count)\(serves)" }
        let verdict = closed == 0 ? "may run" : "may not run"
        let lines = TimedRows.wrapped(words(verdict), to: style.width)
        return lines.count > 1 ? lines : [words(style.paint(verdict, closed == 0 ? .green : .red))]
    }

    private func toDo(_ style: TextStyle) -> [String] {
        var remedies: [String] = []
        for objection in value.gates.flatMap(\.objections) where !remedies.contains(objection.remedy) { remedies.append(objection.remedy) }
        guard !remedies.isEmpty else {
            return value.serves ? [] : ["", "deploy it with `ingot deploy \(value.environment) \(value.image.short)`"]
        }
        return ["", style.paint("to do", .bold)]
            + remedies.flatMap { remedy in
                TimedRows.wrapped(Terminal.safe(remedy), to: style.width.map { $0 - 4 }).enumerated().map { $0 == 0 ? "  - \($1)" : "    \($1)" }
            }
    }
}

/// Gates, a line for each thing that is known and each that is missing.
struct StandingTable {
    var gates: [GateStanding]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        var table = Table([.left("GATE"), .left("STATE"), .left("WHAT IS KNOWN"), .left("SINCE"), .left("BY")])
        for gate in gates {
            var state = gate.isOpen ? Table.Cell("open", .green) : Table.Cell("closed", .red)
            var name = Table.Cell(gate.gate.rawValue)
            let missing = gate.objections.map { Table.Cell(Terminal.safe($0.message), .red) }
            // What speaks against it comes first: it is what one looks for.
            let rows =
                missing.map { [$0, "", ""] }
                + gate.facts.map { fact in
                    [
                        Table.Cell(Terminal.safe(fact.what)), Table.Cell(fact.at.map { Words.ago($0, now: now) } ?? ""),
                        Table.Cell(Terminal.safe(fact.by ?? "")),
                    ]
                }
            for row in rows.isEmpty ? [["", "", ""]] : rows {
                table.add(name, state, row[0], row[1], row[2])
                (name, state) = ("", "")
            }
        }
        return table.fits(style) ? table.lines(style) : narrow(style)
    }

    /// The same in a narrow terminal.
    private func narrow(_ style: TextStyle) -> [String] {
        gates.flatMap { gate -> [String] in
            let facts = gate.facts.map { fact in
                Terminal.safe(fact.what) + (fact.at.map { ", \(Words.ago($0, now: now))" } ?? "")
                    + (fact.by.map { ", by \(Terminal.safe($0))" } ?? "")
            }
            let state = gate.isOpen ? style.paint("open", .green) : style.paint("closed", .red)
            return ["\(gate.gate.rawValue): \(state)"]
                + (gate.objections.map { Terminal.safe($0.message) } + facts).flatMap { text in
                    TimedRows.wrapped(text, to: style.width.map { $0 - 2 }).map { "  \($0)" }
                }
        }
    }
}
