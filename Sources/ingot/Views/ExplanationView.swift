import API
import IngotModel

/// What is done, what is awaited, for how long yet and why not, and what comes next.
struct ExplanationView: View {
    /// Of the steps that are done the newest are shown, of those to come the next; the others are counted.
    private static let mostSteps = 8

    var value: Explanation
    var now: Timestamp

    private var status: EnvironmentStatus { value.status }

    func lines(_ style: TextStyle) -> [String] {
        let instances = EnvironmentView.instances(of: status, now, style)
        return overview(style) + [""] + rows.lines(style) + (instances.isEmpty ? [] : [""] + instances)
    }

    /// What the table of all environments says of this one; in sentences where that is too wide.
    private func overview(_ style: TextStyle) -> [String] {
        let table = StatusView(value: [ServiceStatus(service: status.environment.service, environments: [status])], now: now).table
        guard !table.fits(style) else { return table.lines(style) }
        let serving = status.serving.map { serving in
            let fleet = status.fleets.first { $0.release == serving.number }
            return "release \(serving.number), image \(serving.image.short), commit \(Words.commit(serving.commit))"
                + (fleet.map { ", \($0.healthy) of \($0.size) healthy" } ?? "")
        }
        let state = StatusView.state(status)
        return [style.paint("\(status.environment)", .bold) + ": " + (state.colour.map { style.paint(state.text, $0) } ?? state.text)]
            + ([serving, status.host].compactMap { $0 }.flatMap { TimedRows.wrapped($0, to: style.width.map { $0 - 2 }) }).map { "  \($0)" }
    }

    private var rows: TimedRows {
        var rows = TimedRows()
        if let rollout = status.rollout {
            rows.head(Self.title(of: rollout, now))
            addDone(rollout, to: &rows)
        }
        addNow(to: &rows)
        addNext(to: &rows)
        return rows
    }

    private static func title(of rollout: RolloutStatus, _ now: Timestamp) -> String {
        let from = rollout.from.map { " in place of release \($0)" } ?? ""
        return "\(rollout.kind) of release \(rollout.release)\(from), asked \(Words.ago(rollout.acceptedAt, now: now))"
    }

    // MARK: Done

    private func addDone(_ rollout: RolloutStatus, to rows: inout TimedRows) {
        guard !rollout.steps.isEmpty else { return }
        rows.head("done")
        let left = rollout.steps.count - Self.mostSteps
        if left > 0 { rows.add("", "\(Words.count(left, "step")) before; `ingot events` has all", .faint) }
        for step in rollout.steps.suffix(Self.mostSteps) { rows.add(Words.time(max(0, step.at - rollout.acceptedAt)), step.what) }
    }

    // MARK: Now

    private func addNow(to rows: inout TimedRows) {
        rows.head("now")
        if let rollout = status.rollout {
            rows.add(age(rollout.phaseSince), "\(rollout.phase)\(status.split.map { "; \($0)" } ?? "")")
        } else if let serving = status.serving {
            rows.add(value.servingSince.map(age) ?? "", "release \(serving.number) serves")
        } else {
            rows.add("", "nothing is deployed here; `ingot deploy \(status.environment)` with an image does")
        }
        for finding in status.rollout?.findings ?? [] { rows.add("by its numbers: \(finding)") }
        for problem in status.problems { rows.add("", "problem: \(problem)", .red) }
        for awaited in status.awaiting { add(awaited, to: &rows) }
        if let lock = status.lock { add(lock, to: &rows) }
        addLastFailure(to: &rows)
    }

    private func add(_ awaited: AwaitedStatus, to rows: inout TimedRows) {
        for (index, sentence) in AwaitedWords.sentences(awaited).enumerated() {
            rows.add(index == 0 ? awaited.since.map(age) ?? "" : "", sentence, index == 0 ? .yellow : nil)
        }
        if let ending = AwaitedWords.ending(awaited, now: now) { rows.add(ending) }
    }

    private func add(_ lock: LockStatus, to rows: inout TimedRows) {
        rows.add(age(lock.since), "locked by \(lock.holder): \(lock.reason)", .yellow)
        rows.add(lock.until.map { "\(Words.countdown($0 - now)) left, then anybody may deploy" } ?? "until its command ends")
    }

    /// Why the release that somebody asked for last is not the one that serves.
    private func addLastFailure(to rows: inout TimedRows) {
        guard status.rollout == nil, let last = status.lastRollout, last.result == .returned else { return }
        rows.add(age(last.endedAt), "release \(last.release) went back\(last.reason.map { ": \($0)" } ?? "")", .red)
    }

    private func age(_ moment: Timestamp) -> String { Words.coarse(max(0, now - moment)) }

    // MARK: Next

    private func addNext(to rows: inout TimedRows) {
        // What is awaited now is not to come.
        let present = Set(status.awaiting.map(\.what))
        let steps = value.next.map { step in
            (after: step.after, words: step.decided + step.awaiting.filter { !present.contains($0) }.map { "waits for \($0)" })
        }.filter { !$0.words.isEmpty }
        guard !steps.isEmpty else { return }
        rows.head("next, if all goes well")
        for step in steps.prefix(Self.mostSteps) {
            for (index, text) in step.words.enumerated() { rows.add(index == 0 ? Self.time(step.after) : "", text) }
        }
        let left = steps.count - Self.mostSteps
        if left > 0 { rows.add("", "\(Words.count(left, "step")) more", .faint) }
    }

    /// Only what the settings make it wait is known: what has to come about first comes when it does.
    private static func time(_ after: Milliseconds) -> String { after > 0 ? "+\(Words.countdown(after))" : "then" }
}

/// Those of several environments, one after another.
struct ExplanationsView: View {
    var value: [Explanation]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return StatusView(value: [], now: now).lines(style) }
        return Array(value.map { ExplanationView(value: $0, now: now).lines(style) }.joined(separator: [""]))
    }
}
