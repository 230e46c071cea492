import API
import IngotModel

/// A deployment's steps: when, how many instances of each release, where the traffic goes, and why.
struct PlanView: View {
    var value: DeploymentPlan

    func lines(_ style: TextStyle) -> [String] {
        let from = value.serving.map { ", in place of release \($0)" } ?? ""
        let title = "\(value.environment): release \(value.release) of image \(value.image.short)\(from), by \(value.strategy)"
        var table = Table([.right("AFTER"), .left("INSTANCES"), .left("TRAFFIC"), .left("WHAT HAPPENS")])
        for step in value.steps {
            let sizes = step.sizes.map { "release \($0.release): \($0.size)" }.joined(separator: ", ")
            let words = step.decided + step.awaiting.map { "waits for \($0)" }
            table.add(
                Table.Cell("\(step.after)"), Table.Cell(sizes.isEmpty ? "none" : sizes), Table.Cell("\(step.split)"), Table.Cell(words.first ?? ""))
            for more in words.dropFirst() { table.add("", "", "", Table.Cell(more)) }
        }
        guard !table.fits(style) else { return [title, ""] + table.lines(style) + objections(style) }
        return TimedRows.wrapped(title, to: style.width) + [""] + rows.lines(style) + objections(style)
    }

    private func objections(_ style: TextStyle) -> [String] {
        guard let objections = value.objections, !objections.isEmpty else { return [] }
        return ["", style.paint("the gates would refuse it:", .red)] + objections.map { "  \(Terminal.safe($0))" }
    }

    /// The same in a narrow terminal: what changes, under what happens.
    private var rows: TimedRows {
        var rows = TimedRows()
        var before: DeploymentPlan.Step?
        for step in value.steps {
            let words = step.decided + step.awaiting.map { "waits for \($0)" }
            for (index, text) in words.enumerated() { rows.add(index == 0 ? "\(step.after)" : "", text) }
            let sizes = step.sizes.map { "\($0.size) of release \($0.release)" }.joined(separator: ", ")
            if before.map({ $0.sizes != step.sizes || $0.split != step.split }) ?? true {
                rows.add(words.isEmpty ? "\(step.after)" : "", "\(sizes.isEmpty ? "no instance" : sizes); \(step.split)", .faint)
            }
            before = step
        }
        return rows
    }
}
