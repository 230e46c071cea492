import ImageBuild
import IngotModel

/// The lines of a build where nothing can be drawn over: each belongs to a step by its number.
///
/// `#5 [build 2/5] RUN make`, `#5 0.312 cc -c a.c`, `#5 DONE 3.2s`.
struct PlainBuildLog {
    private var last: Int?

    /// The lines that tell of an event, which the board has taken in already.
    mutating func lines(_ event: BuildEvent, _ board: BuildBoard, at now: Timestamp, _ style: TextStyle = .plain) -> [String] {
        switch event {
        case .stepStarted(let id, _, _):
            guard let step = board.step(id) else { return [] }
            return turn(to: step, [])
        case .output(let id, let line):
            guard let step = board.step(id) else { return [] }
            return turn(to: step, ["#\(step.number) \(Self.moment(now - step.since)) \(Terminal.safe(line))"])
        case .stepEnded(let ended): return board.step(ended.id).map { turn(to: $0, ending(of: $0)) } ?? []
        case .stepFailed(let id, _): return board.step(id).map { turn(to: $0, ending(of: $0)) } ?? []
        case .warning(let diagnostic): return DiagnosticView(diagnostic: diagnostic, source: nil).lines(style)
        case .note(let text): return [Terminal.safe(text)]
        case .planned, .finished: return []
        }
    }

    /// Where the lines of steps mix, each step says again which one it is.
    private mutating func turn(to step: BuildBoard.Step, _ lines: [String]) -> [String] {
        guard last != step.number else { return lines }
        let gap = last == nil ? [] : [""]
        last = step.number
        return gap + ["#\(step.number) [\(step.place)] \(step.text)"] + lines
    }

    private func ending(of step: BuildBoard.Step) -> [String] {
        switch step.ending {
        case .cached: ["#\(step.number) CACHED"]
        case .done(let time): ["#\(step.number) DONE \(BuildTree.seconds(time))"]
        case .failed(let message): ["#\(step.number) ERROR: \(Self.summary(message))"]
        case .cancelled: ["#\(step.number) CANCELED"]
        case nil: []
        }
    }

    /// What failed, without the output that stands above it already.
    private static func summary(_ message: String) -> String {
        let first = Terminal.safe(String(message.split(separator: "\n").first ?? ""))
        return first.hasSuffix(":") ? first.split(separator: ";").dropLast().joined(separator: ";") : first
    }

    /// Since the step began: `0.312`.
    static func moment(_ time: Milliseconds) -> String {
        let milliseconds = max(0, time.count)
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
}
