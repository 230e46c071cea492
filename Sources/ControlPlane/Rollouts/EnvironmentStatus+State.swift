import API
import IngotModel
import Rollout

/// What a controller has come to know, from which its status is made.
struct EnvironmentView {
    var environment: EnvironmentID
    var state: EnvironmentState
    var observation: Observation?
    var awaiting: [Awaited] = []
    /// Since when each of them is awaited.
    var waits = Waits()
    var running: RunningRollout?
    var last: RolloutRecord?
    var pending: PendingRequest?
    var lock: LockStatus?
    /// Why the last pass failed, if it did.
    var failure: ErrorReport?
}

extension EnvironmentStatus {
    /// - Parameter host: of the environment's specification, for an environment without releases.
    init(_ view: EnvironmentView, releases: [ReleaseNumber: Release], host: String) {
        let serving = view.state.serving.flatMap { releases[$0] }
        self.init(
            environment: view.environment, host: serving?.host ?? host, serving: serving.map(ReleaseSummary.init),
            rollout: view.state.rollout.map { RolloutStatus($0, steps: view.running?.steps ?? []) } ?? view.pending.map(RolloutStatus.init),
            lastRollout: view.last, split: view.observation?.split, fleets: view.observation?.fleets ?? [],
            awaiting: Self.awaiting(view),
            problems: Self.problems(view, releases), lock: view.lock)
    }

    private static func problems(_ view: EnvironmentView, _ releases: [ReleaseNumber: Release]) -> [String] {
        var problems = view.failure.map { [$0.lines.joined(separator: "; ")] } ?? []
        guard let observation = view.observation else { return problems }
        if !observation.isRouterReachable { problems.append("the router can't be reached") }
        problems += observation.fleets.compactMap { fleet in
            fleet.startError.map { "release \(fleet.release) can't start: \($0)" }
        }
        if let serving = view.state.serving, let release = releases[serving], observation.isRouterReachable, view.state.rollout == nil {
            let healthy = observation.fleet(serving).healthy
            if healthy < release.instances { problems.append("\(healthy) of \(release.instances) instances of release \(serving) are healthy") }
        }
        return problems
    }
}

extension RolloutProgress {
    var findings: [String]? { course.analysis?.findings.map(\.words) }
}

extension RolloutStatus {
    init(_ progress: RolloutProgress, steps: [RolloutStep]) {
        self.init(
            number: progress.number, kind: progress.request.kind.rawValue, release: progress.release, from: progress.from,
            phase: progress.phase.word, phaseSince: progress.phaseSince, acceptedAt: progress.request.acceptedAt, steps: steps,
            findings: progress.findings)
    }

    /// A request that was accepted and that the next pass takes up.
    init(_ pending: PendingRequest) {
        self.init(
            number: Generation(0), kind: pending.request.kind.rawValue, release: pending.request.release, from: nil, phase: "accepted",
            phaseSince: pending.request.acceptedAt, acceptedAt: pending.request.acceptedAt, steps: [])
    }
}
