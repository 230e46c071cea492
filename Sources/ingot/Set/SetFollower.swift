import API
import Client
import IngotModel

/// Shows a release set while it goes on, and its members when it has ended.
struct SetFollower {
    let client: Client
    let console: Console

    /// - Returns: the set at its end; it has been shown then.
    func follow(_ accepted: ReleaseSetStatus) async throws -> ReleaseSetStatus {
        let progress = console.progress()
        defer { progress.finish() }
        progress.say(["release set \(accepted.number), \(accepted.name), in \(accepted.environment)"])
        let ended: ReleaseSetStatus
        do {
            ended = try await ending(of: accepted, progress)
        } catch is CancellationError {
            progress.finish()
            console.note("The set goes on; `ingot set status` shows it.")
            throw CancellationError()
        }
        progress.finish()
        console.show(SetView(value: ended, now: Clock.now))
        return ended
    }

    private func ending(of accepted: ReleaseSetStatus, _ progress: Progress) async throws -> ReleaseSetStatus {
        var drawing = SetDrawing(accepted: accepted, progress: progress)
        var patience = DaemonPatience(what: "the set", progress: progress)
        while true {
            do {
                for try await status in client.live(accepted.number) {
                    patience.answerCame()
                    drawing.draw(status)
                    if status.state.hasEnded { return status }
                }
            } catch let error as ClientError {
                try patience.bear(error)
            }
            try await DaemonPatience.pause()
        }
    }
}

/// Turns what is seen of a set into lines: each step once, what is waited for as long as it is.
struct SetDrawing {
    let accepted: ReleaseSetStatus
    let progress: Progress
    private var shown: Int

    init(accepted: ReleaseSetStatus, progress: Progress) {
        self.accepted = accepted
        self.progress = progress
        // Of a set that is sent back one wants to see the way back.
        shown = accepted.state == .goingBack ? max(0, accepted.steps.count - 1) : 0
    }

    mutating func draw(_ status: ReleaseSetStatus) {
        progress.drop("away")
        for step in status.steps.dropFirst(shown) { progress.say(at: step.at - accepted.acceptedAt, step.what) }
        shown = max(shown, status.steps.count)
        let ids = status.awaiting.indices.map { "wait-\($0)" }
        progress.keep(only: ids)
        for (id, text) in zip(ids, status.awaiting) { progress.start(id, text, isAnnounced: false) }
    }
}
