import API
import IngotModel

/// Tests with how they went, a line for each.
struct TestTable {
    var tests: [TestEvidence]

    func lines(_ style: TextStyle) -> [String] {
        guard !tests.isEmpty else { return [] }
        var table = Table([.left("TEST"), .left("RESULT"), .left("TOOK")])
        for test in tests {
            table.add(
                Table.Cell(Terminal.safe(test.test)), test.passed ? Table.Cell("passed", .green) : Table.Cell("failed", .red),
                Table.Cell(Words.time(test.took)))
        }
        return table.lines(style)
    }
}

/// What the services have on record about an image.
struct ImageRecordsView: View {
    var value: [ImageRecord]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        value.flatMap { record -> [String] in
            let tables = [TestTable(tests: record.tests).lines(style), VerdictTable(verdicts: record.verdicts, now: now).lines(style)]
            return ["", style.paint("on record for \(record.service)", .bold)] + tables.flatMap { $0 }
        }
    }
}

/// A release with what its promotion relied on.
struct PromotedReleaseView: View {
    struct Value: Encodable {
        var release: Release
        /// Absent when none is on record.
        var promotion: PromotionRecord?

        /// The release's own keys, with the promotion beside them.
        func encode(to encoder: any Encoder) throws {
            enum Key: CodingKey { case promotion }
            try release.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeIfPresent(promotion, forKey: .promotion)
        }
    }
    var value: Value
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        let release = ReleaseView(value: value.release, now: now).lines(style)
        guard let promotion = value.promotion else { return release }
        let others = (promotion.gates ?? []).filter { [.signatures, .approval, .freeze].contains($0.gate) }
        let tables = [
            TestTable(tests: promotion.tests).lines(style), VerdictTable(verdicts: promotion.verdicts, now: now).lines(style),
            others.isEmpty ? [] : StandingTable(gates: others, now: now).lines(style),
        ]
        return release + tables.filter { !$0.isEmpty }.flatMap { [""] + $0 }
    }
}
