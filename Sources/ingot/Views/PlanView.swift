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
        return [title, ""] + table.lines(style)
    }
}
