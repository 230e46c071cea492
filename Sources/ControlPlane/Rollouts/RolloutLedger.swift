import API
import IngotModel
import Rollout

/// Which rollouts one pass began, went on with and ended, and what each of them is to remember. Pure.
struct RolloutLedger {
    /// The rollout that goes on; `nil` when none does.
    private(set) var running: RunningRollout?
    private(set) var ended: [(finished: FinishedRollout, account: RunningRollout)] = []
    /// The rollouts that this pass began, and who asked for each.
    private(set) var begun: [(progress: RolloutProgress, requestedBy: String)] = []

    /// - Parameters:
    ///   - before: what was remembered of the rollout that ran when the pass began.
    ///   - baseline: what each release had served when it did.
    init(_ pass: PlannedPass, before: RunningRollout?, baseline: [ReleaseTraffic]) {
        running = before
        for step in pass.steps { add(step, baseline: baseline, at: pass.now) }
    }

    private mutating func add(_ step: PlannedPass.Step, baseline: [ReleaseTraffic], at: Timestamp) {
        let before = running
        let requestedBy = step.request?.actor ?? EventDraft.daemon
        var words = step.plan.decided[...]
        func account(of rollout: RolloutProgress) -> RunningRollout {
            if let before, before.number == rollout.number { return before }
            return RunningRollout(number: rollout.number, requestedBy: requestedBy, baseline: baseline)
        }
        for finished in step.plan.finished {
            var account = account(of: finished.progress)
            // The first words of a step in which a rollout gives way are of its giving way; the rest is the next one's.
            let own = Self.isSuperseded(finished) ? words.prefix(1) : words
            words = words.dropFirst(own.count)
            account.add(own, at: at)
            ended.append((finished, account))
        }
        running = step.after.rollout.map { progress in
            var account = account(of: progress)
            account.add(words, at: at)
            return account
        }
        begun += (step.plan.finished.map(\.progress) + [step.after.rollout].compactMap { $0 }).filter { $0.number != before?.number }
            .map { ($0, requestedBy) }
    }

    private static func isSuperseded(_ finished: FinishedRollout) -> Bool {
        if case .superseded = finished.outcome { true } else { false }
    }
}

extension RolloutProof {
    /// What a rollout did to the requests, from the router's counts at its beginning and at its end. Pure.
    ///
    /// - Parameter lastOldRequest: when the last request was handed to the release that lost the traffic.
    init(of rollout: RolloutProgress, baseline: [ReleaseTraffic], traffic: [ReleaseTraffic], lastOldRequest: Timestamp?) {
        let before = Dictionary(baseline.map { ($0.release, $0.served) }, uniquingKeysWith: { first, _ in first })
        let served = traffic.map { ReleaseTraffic(release: $0.release, served: $0.served - (before[$0.release] ?? TrafficCount())) }
        let taking = Set([rollout.from, rollout.release].compactMap { $0 })
        let lastRequest = rollout.switchDecidedAt.flatMap { decided in lastOldRequest.map { max(0, $0 - decided) } }
        self.init(
            releases: served.filter { taking.contains($0.release) || $0.served.requests > 0 }.sorted { $0.release < $1.release },
            decisionToSwitch: rollout.switchedAt.map { max(0, $0 - rollout.request.acceptedAt) },
            switchToLastOldRequest: rollout.from == nil || rollout.switchedAt == nil ? nil : lastRequest,
            leastHealthy: rollout.leastHealthy)
    }
}

extension RolloutRecord {
    init(_ finished: FinishedRollout, account: RunningRollout, release: Release?, proof: RolloutProof) {
        let (result, reason): (Result, String?) =
            switch finished.outcome {
            case .succeeded: (.succeeded, nil)
            case .returned(let reason): (.returned, reason)
            case .superseded(let by): (.superseded, "it gave way to release \(by)")
            }
        self.init(
            number: finished.progress.number, kind: finished.progress.request.kind.rawValue, release: finished.progress.release,
            from: finished.progress.from, image: release?.image ?? .ofNoBytes, commit: release?.commit,
            acceptedAt: finished.progress.request.acceptedAt, endedAt: finished.at, result: result, reason: reason, proof: proof,
            steps: account.steps, requestedBy: account.requestedBy, findings: finished.progress.findings)
    }
}
