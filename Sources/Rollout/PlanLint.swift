public import IngotModel

/// What holds of every target that the planner gives, whatever it was shown. Tests and simulations hold every pass against it.
public enum PlanLint {
    /// What is wrong with a pass, in words; empty when nothing is.
    ///
    /// - Parameters:
    ///   - before: the target of the pass before.
    ///   - after: the state after this pass, with its target.
    public static func findings(
        before: EnvironmentTarget, after: EnvironmentState, plan: Plan, releases: [ReleaseNumber: ReleaseFacts], observation: Observation,
        now: Timestamp
    ) -> [String] {
        let target = plan.target
        var findings: [String] = []
        func expect(_ holds: Bool, _ words: @autoclosure () -> String) { if !holds { findings.append(words()) } }

        expect(after.target == target, "the stored target is not the planned one")
        expect(target.generation >= before.generation, "the generation fell from \(before.generation) to \(target.generation)")
        expect(target == before || target.generation > before.generation, "another target has the same generation \(target.generation)")
        expect(Set(target.sizes.map(\.release)).count == target.sizes.count, "a release has two sizes")
        for size in target.sizes {
            // Who leaves still counts until it is told to end.
            let leavers = after.leaving.count { $0.release == size.release }
            let full = max(1, after.scale ?? releases[size.release]?.instances ?? 1) + leavers
            let fleet = observation.fleet(size.release)
            expect(size.size > 0, "release \(size.release) is to have \(size.size) instances")
            expect(after.namedReleases.contains(size.release), "release \(size.release) has a size and no name in the state")
            expect(
                size.size <= max(full + 1, fleet.size, fleet.instances.count, before.size(of: size.release)),
                "release \(size.release) is to have \(size.size) instances, and \(full) at most")
            let members = Set(fleet.instances.map(\.id))
            expect(size.ending.isSubset(of: members), "somebody is to end who is not of release \(size.release)")
        }
        expect(
            target.split.shares.keys.allSatisfy { !target.draining.contains($0) }, "who has traffic drains: \(target.split), \(target.draining)")
        expect(target.cutting.isSubset(of: target.draining), "who is cut does not drain")
        let there = target.leaving.isEmpty ? [] : Set(observation.fleets.flatMap(\.instances).map(\.id))
        expect(target.leaving.allSatisfy { there.contains($0.instance) }, "somebody leaves who is not there")
        expect(Set(target.leaving.map(\.instance)).count == target.leaving.count, "somebody leaves twice")
        expect(
            target.streamLimits.allSatisfy { limit in limit.instance.map { id in target.leaving.contains { $0.instance == id } } ?? true },
            "streams are limited of somebody who does not leave")
        expect(Set(after.retiring.map(\.release)).count == after.retiring.count, "a release retires twice")
        expect(plan.wakeAt.map { $0 > now } ?? true, "the pass wants to be woken in the past")
        expect(after.rollout == nil || !plan.awaiting.isEmpty, "a rollout waits and does not say for what")
        if let testers = target.testers { expect(testers.release == after.rollout?.release, "testers go to release \(testers.release)") }
        return findings
    }
}
