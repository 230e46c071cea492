import API
import IngotModel

/// What is told of a rollout while it goes on, for programs: one JSON object a line.
struct RolloutTold: Encodable {
    enum Kind: String, Encodable { case plan, decided, awaiting, ended }
    var kind: Kind
    var plan: DeploymentPlan?
    /// When it was decided.
    var at: Timestamp?
    var what: String?
    var awaiting: [AwaitedStatus]?
    var problems: [String]?
    var rollout: RolloutRecord?
}

/// It is for programs only: people read what `Progress` draws.
struct RolloutToldView: View {
    var value: RolloutTold
    func lines(_ style: TextStyle) -> [String] { [] }
}

/// Tells a rollout as it goes: each decision with its time, and what is awaited, since when, for how long yet, what happens then, and what hinders.
///
/// On a terminal what is awaited is counted down in place; elsewhere it is told again when it changes.
struct RolloutExplainer {
    let accepted: DeploymentAccepted
    let progress: Progress
    let console: Console
    private var shown = 0
    private var told: [AwaitedStatus] = []
    private var toldProblems: [String] = []

    init(accepted: DeploymentAccepted, progress: Progress, console: Console) {
        self.accepted = accepted
        self.progress = progress
        self.console = console
    }

    mutating func draw(_ status: EnvironmentStatus, now: Timestamp) {
        progress.drop("away")
        if let rollout = status.rollout, rollout.release == accepted.release { show(rollout.steps) }
        for (index, awaited) in status.awaiting.enumerated() { progress.wait("wait-\(index)", awaited) }
        for (index, problem) in status.problems.enumerated() { progress.start("problem-\(index)", "problem: \(problem)", isAnnounced: false) }
        progress.keep(only: status.awaiting.indices.map { "wait-\($0)" } + status.problems.indices.map { "problem-\($0)" })
        // That it is about to be taken up is over before it is read.
        if console.format == .json || status.rollout?.phase != "accepted" { tell(status.awaiting, status.problems, now) }
    }

    mutating func drawRest(of record: RolloutRecord) {
        progress.keep(only: [])
        show(record.steps)
        if console.format == .json { console.stream(RolloutToldView(value: RolloutTold(kind: .ended, rollout: record))) }
    }

    private mutating func show(_ steps: [RolloutStep]) {
        for step in steps.dropFirst(shown) {
            progress.say(at: max(0, step.at - accepted.acceptedAt), step.what)
            if console.format == .json { console.stream(RolloutToldView(value: RolloutTold(kind: .decided, at: step.at, what: step.what))) }
        }
        shown = max(shown, steps.count)
    }

    /// Where nothing is redrawn, what changed is told anew.
    private mutating func tell(_ awaiting: [AwaitedStatus], _ problems: [String], _ now: Timestamp) {
        guard awaiting != told || problems != toldProblems else { return }
        defer { (told, toldProblems) = (awaiting, problems) }
        if console.format == .json {
            return console.stream(RolloutToldView(value: RolloutTold(kind: .awaiting, awaiting: awaiting, problems: problems)))
        }
        progress.sayUnlessLive(Self.lines(awaiting.filter { !told.contains($0) }, problems.filter { !toldProblems.contains($0) }, accepted, now))
    }

    static func lines(_ awaiting: [AwaitedStatus], _ problems: [String], _ accepted: DeploymentAccepted, _ now: Timestamp) -> [String] {
        var rows = TimedRows()
        let time = Words.time(max(0, now - accepted.acceptedAt))
        for awaited in awaiting {
            let ending = AwaitedWords.ending(awaited, now: now)
            let words = AwaitedWords.sentences(awaited) + [ending].compactMap { $0 }
            rows.add(time, words.joined(separator: "; "))
        }
        for problem in problems { rows.add(time, "problem: \(problem)") }
        return rows.lines(.plain)
    }
}
