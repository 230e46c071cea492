import API
import Client
import IngotModel

/// Shows a rollout while it goes on, and its proof when it has ended.
struct RolloutFollower {
    let client: Client
    let console: Console
    /// Whether each wait is told with how long yet, what then, and why.
    var explains = false

    /// - Throws: `ExitCode(1)` when the rollout did not succeed; the answer has been shown then.
    func follow(_ accepted: DeploymentAccepted) async throws {
        let progress = console.progress()
        defer { progress.finish() }
        progress.say(["\(accepted.environment): release \(accepted.release), image \(accepted.image.short)"])
        let record: RolloutRecord
        do {
            record = try await ending(of: accepted, progress)
        } catch is CancellationError {
            progress.finish()
            console.note("The rollout goes on; `ingot status` shows it.")
            throw CancellationError()
        }
        progress.finish()
        // As JSON it was the last of the lines.
        if !explains || console.format == .text { console.show(ProofView(value: record, environment: accepted.environment)) }
        guard record.result == .succeeded else { throw ExitCodes.world }
    }

    private func ending(of accepted: DeploymentAccepted, _ progress: Progress) async throws -> RolloutRecord {
        var drawing = RolloutDrawing(accepted: accepted, progress: progress)
        var patience = DaemonPatience(what: "the rollout", progress: progress)
        var explainer = RolloutExplainer(accepted: accepted, progress: progress, console: console)
        while true {
            do {
                for try await update in client.follow(accepted) {
                    patience.answerCame()
                    switch update {
                    case .running(let status) where explains: explainer.draw(status, now: Clock.now)
                    case .running(let status): drawing.draw(status)
                    case .ended(let record):
                        if explains { explainer.drawRest(of: record) } else { drawing.drawRest(of: record) }
                        return record
                    }
                }
            } catch let error as ClientError {
                try patience.bear(error)
            }
            try await DaemonPatience.pause()
        }
    }
}

/// Turns what is seen of a rollout into lines: what was decided once, what is waited for as long as it is.
struct RolloutDrawing {
    let accepted: DeploymentAccepted
    let progress: Progress
    private var shown = 0

    init(accepted: DeploymentAccepted, progress: Progress) {
        self.accepted = accepted
        self.progress = progress
    }

    mutating func draw(_ status: EnvironmentStatus) {
        progress.drop("away")
        if let rollout = status.rollout, rollout.release == accepted.release { show(rollout.steps) }
        let waits = status.awaiting.map(AwaitedWords.subject) + status.problems
        // The words of a wait change as it goes on; its subject is what stays.
        let ids = status.awaiting.indices.map { "wait-\($0)" } + status.problems.indices.map { "problem-\($0)" }
        progress.keep(only: ids)
        for (id, text) in zip(ids, waits) { progress.start(id, text, isAnnounced: false) }
    }

    mutating func drawRest(of record: RolloutRecord) {
        progress.keep(only: [])
        show(record.steps)
    }

    private mutating func show(_ steps: [RolloutStep]) {
        guard steps.count > shown else { return }
        for step in steps.dropFirst(shown) { progress.say(at: step.at - accepted.acceptedAt, step.what) }
        shown = steps.count
    }
}
