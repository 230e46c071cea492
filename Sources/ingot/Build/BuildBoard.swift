import ImageBuild
import IngotModel

/// What a build has told so far, in the order in which its steps began.
struct BuildBoard: Sendable {
    enum Ending: Hashable, Sendable {
        case cached
        case done(Milliseconds)
        case failed(String)
        /// Another step failed, or the command was interrupted.
        case cancelled
    }

    struct Step: Sendable {
        var id: BuildStepID
        /// From 1, as plain progress numbers its steps.
        var number: Int
        /// `build 2/5`, or `2/5` where there is one stage only.
        var place: String
        /// The instruction, on one line and without what would change the terminal.
        var text: String
        var since: Timestamp
        var ended: Timestamp?
        var ending: Ending?
        /// The last lines it printed.
        var tail: [String] = []
    }

    /// How many of the last lines of a running step are kept for drawing.
    static let keptLines = 6

    private(set) var steps: [Step] = []
    private(set) var warnings: [Diagnostic] = []
    private(set) var began: Timestamp
    /// How many steps there will be, as far as it is known.
    private(set) var planned = 0
    private(set) var isFinished = false
    /// What goes on besides steps.
    private(set) var note: String?
    private var stages: [Int: BuildStage] = [:]
    private var begunIn: [Int: Int] = [:]

    init(began: Timestamp) { self.began = began }

    var total: Int { max(planned, steps.count) }
    var ended: Int { steps.count { $0.ending != nil } }

    func step(_ id: BuildStepID) -> Step? { steps.last { $0.id == id } }

    mutating func happened(_ event: BuildEvent, at now: Timestamp) {
        switch event {
        case .planned(let stages): plan(stages)
        case .stepStarted(let id, let text, _):
            note = nil
            start(id, text, at: now)
        case .output(let id, let line): change(id) { $0.tail = ($0.tail + [Terminal.safe(line)]).suffix(Self.keptLines) }
        case .stepEnded(let step): end(step.id, step.outcome == .cached ? .cached : .done(step.duration), at: now)
        case .stepFailed(let id, let message): end(id, Self.isCancellation(message) ? .cancelled : .failed(message), at: now)
        case .warning(let diagnostic): warnings.append(diagnostic)
        case .note(let text): note = Terminal.safe(text)
        case .finished: isFinished = true
        }
    }

    private mutating func plan(_ stages: [BuildStage]) {
        for stage in stages { self.stages[stage.index] = stage }
        planned = self.stages.values.reduce(0) { $0 + $1.steps }
    }

    private mutating func start(_ id: BuildStepID, _ text: String, at now: Timestamp) {
        begunIn[id.stage, default: 0] += 1
        let oneLine = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        steps.append(Step(id: id, number: steps.count + 1, place: place(of: id), text: Terminal.safe(oneLine), since: now))
    }

    private func place(of id: BuildStepID) -> String {
        let begun = begunIn[id.stage] ?? 1
        let count = "\(begun)/\(max(begun, stages[id.stage]?.steps ?? begun))"
        return stages.count > 1 ? "\(Terminal.safe(stages[id.stage]?.name ?? "stage-\(id.stage)")) \(count)" : count
    }

    private mutating func end(_ id: BuildStepID, _ ending: Ending, at now: Timestamp) {
        change(id) { step in
            step.ending = ending
            step.ended = now
        }
    }

    private mutating func change(_ id: BuildStepID, _ body: (inout Step) -> Void) {
        guard let index = steps.lastIndex(where: { $0.id == id }) else { return }
        body(&steps[index])
    }

    private static func isCancellation(_ message: String) -> Bool { message.hasPrefix("CancellationError") }
}

extension BuildBoard.Step {
    /// How long it has been going on, or went on.
    func time(at now: Timestamp) -> Milliseconds {
        if case .done(let time) = ending { return time }
        return max(0, (ended ?? now) - since)
    }
}
