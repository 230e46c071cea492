import IngotModel

/// How long after a soak a verdict may take for want of requests or measurements, at least; then the rollout pauses and asks somebody.
let verdictPatience: Milliseconds = .seconds(60)

// What the numbers say of a release that is being watched.
extension PlanningPass {
    /// Reads the counts into the analysis, from the moment at which the release has users until its rollout ends.
    mutating func noteNumbers() {
        guard let rollout = state.rollout, rollout.request.kind == .deploy, hasUsers(rollout),
            let policy = facts(of: rollout.release).analysis, observation.isRouterReachable,
            let subject = observation.traffic.first(where: { $0.release == rollout.release })?.served
        else { return }
        let baseline = baselineCount(rollout)
        var analysis = rollout.course.analysis ?? Analysis(policy: policy, subject: subject, baseline: baseline, probes: observation.probes)
        analysis.update(subject: subject, baseline: baseline, probes: observation.probes, measurements: observation.measurements)
        state.rollout?.course.analysis = analysis
    }

    /// What the old release's instances that are as young as the new one's have served.
    private func baselineCount(_ rollout: RolloutProgress) -> TrafficCount? {
        guard wantsBaseline(rollout), let from = rollout.from else { return nil }
        let young = observation.fleet(from).instances.filter { $0.startedAt >= rollout.request.acceptedAt }.compactMap(\.served)
        return young.isEmpty ? nil : young.reduce(TrafficCount(), +)
    }

    /// Whether the old release runs one instance more, as young as the new one's, to compare with. At the last step it has no traffic.
    func wantsBaseline(_ rollout: RolloutProgress) -> Bool {
        guard rollout.request.kind == .deploy, rollout.from != nil, !isAtLastStep(rollout), facts(of: rollout.release).analysis?.baseline != nil
        else { return false }
        return [.starting, .testing, .switching, .soaking].contains(rollout.phase)
    }

    /// Why the release must not have more traffic, or the traffic that it has.
    func reasonByAnalysis(_ rollout: RolloutProgress) -> String? {
        guard case .bad(let reason)? = rollout.course.analysis?.verdict else { return nil }
        return "release \(rollout.release) is worse than it may be: \(reason)"
    }

    /// At the end of a step's soak: `nil` when the release may go on, else whether the pass does.
    mutating func waitForVerdict(_ rollout: RolloutProgress, since soaked: Timestamp) -> Bool? {
        guard facts(of: rollout.release).analysis != nil else { return nil }
        let deadline = soaked + max(verdictPatience, step(of: rollout).soak)
        let what = "a verdict on release \(rollout.release)"
        switch rollout.course.analysis?.verdict {
        case .good, .bad: return nil
        case .unmeasurable(let reason):
            pause(because: reason)
            return true
        case .tooFew(let have, let need):
            guard now < deadline else {
                pause(because: "\(have) of \(need) requests or measurements are too few for \(what)")
                return true
            }
            let hindrance = "\(have) of \(need) requests or measurements that it takes; requests of our own are sent"
            wait(for: what, hindrance: hindrance, until: deadline, otherwise: "the rollout pauses")
        case nil:
            guard now < deadline else {
                pause(because: "the router gives no counts for \(what)")
                return true
            }
            wait(for: what, hindrance: "the router gives no counts", until: deadline, otherwise: "the rollout pauses")
        }
        return false
    }

    /// The release that gets requests of our own: it has had its soak and too few of its users'.
    var probed: ReleaseNumber? {
        guard let rollout = state.rollout, rollout.phase == .soaking, rollout.course.pause == nil, rollout.request.kind == .deploy,
            case .tooFew? = rollout.course.analysis?.verdict, now >= rollout.phaseSince + step(of: rollout).soak
        else { return nil }
        return rollout.release
    }
}
