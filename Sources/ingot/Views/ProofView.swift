import API
import IngotModel

/// A rollout that has ended, with its proof: what each release served, and how fast traffic moved.
struct ProofView: View {
    var value: RolloutRecord
    var environment: EnvironmentID

    func lines(_ style: TextStyle) -> [String] {
        [headline(style)] + (value.proof.releases.isEmpty ? [] : [""] + traffic(style)) + [""] + times(style)
    }

    private func headline(_ style: TextStyle) -> String {
        let image = "image \(value.image.short)\(value.commit.map { ", commit \(Words.commit($0))" } ?? "")"
        let why = value.reason.map { ": \($0)" } ?? ""
        switch value.result {
        case .succeeded:
            return "\(style.paint("\(environment)", .bold)): \(style.paint("release \(value.release) serves", .green)) (\(image))"
        case .returned:
            let serving = value.from.map { "release \($0) serves again" } ?? "nothing serves"
            return "\(style.paint("\(environment)", .bold)): \(style.paint("release \(value.release) went back", .red))\(why); \(serving)"
        case .superseded:
            return "\(style.paint("\(environment)", .bold)): \(style.paint("release \(value.release) gave way", .yellow))\(why)"
        }
    }

    private func traffic(_ style: TextStyle) -> [String] {
        var table = Table([
            .left("RELEASE"), .right("SERVED"), .right("FAILED"), .right("RETRIED"), .right("CUT"), .right("P50"), .right("P99"),
        ])
        for traffic in value.proof.releases.sorted(by: { rank($0.release) < rank($1.release) }) {
            let served = traffic.served
            table.add(
                Table.Cell("\(traffic.release)\(role(of: traffic.release))"), Table.Cell(Words.count(served.requests)),
                Table.Cell(Words.count(served.failed), served.failed > 0 ? .red : .green), Table.Cell(Words.count(served.retried)),
                Table.Cell(Words.count(served.cut)), Table.Cell(Words.latency(served.latencyP50Milliseconds)),
                Table.Cell(Words.latency(served.latencyP99Milliseconds)))
        }
        return table.lines(style)
    }

    /// The new one first, then the one it replaced, then others by age.
    private func rank(_ release: ReleaseNumber) -> Int {
        if release == value.release { return Int.min }
        return release == value.from ? Int.min + 1 : -release.value
    }

    private func role(of release: ReleaseNumber) -> String {
        if release == value.release { return " (new)" }
        return release == value.from ? " (old)" : ""
    }

    private func times(_ style: TextStyle) -> [String] {
        var fields = Fields()
        fields.add("decision to traffic moved", value.proof.decisionToSwitch.map { Words.time($0) })
        fields.add("last request to the old release", value.proof.switchToLastOldRequest.map(Self.after))
        fields.add("fewest healthy instances", value.proof.leastHealthy.map { Words.count($0) })
        for finding in value.findings ?? [] { fields.add("by its numbers", finding) }
        fields.add("took", Words.time(value.endedAt - value.acceptedAt))
        return fields.lines(style)
    }

    private static func after(_ time: Milliseconds) -> String {
        time < 0 ? "\(Words.time(0 - time)) before traffic moved" : "\(Words.time(time)) after traffic was told to move"
    }
}
