import IngotModel

// The wall clock may be set back. What the clock of before wrote then lies in the future, and would be waited for as much longer.
extension PlanningPass {
    /// Moments in the future count from now on: nothing takes longer than its own time once more.
    mutating func forgetFuture() {
        state.rollout?.phaseSince.limit(to: now)
        state.rollout?.switchDecidedAt?.limit(to: now)
        state.rollout?.switchedAt?.limit(to: now)
        state.rollout?.course.begunAt?.limit(to: now)
        state.rollout?.course.pause?.since.limit(to: now)
        state.rollout?.course.hook?.since.limit(to: now)
        for index in state.leaving.indices {
            state.leaving[index].stepSince.limit(to: now)
            state.leaving[index].drain?.since.limit(to: now)
        }
        for index in state.retiring.indices {
            state.retiring[index].notBefore.limit(to: now + longestWarm)
            state.retiring[index].stepSince.limit(to: now)
            state.retiring[index].drain?.since.limit(to: now)
        }
        for index in state.followUps.indices { state.followUps[index].until.limit(to: now + longest(state.followUps[index])) }
    }

    /// A fleet is kept warm as the release says that took its traffic; which one that was is not remembered.
    private var longestWarm: Milliseconds { releases.values.map(\.timing.warm).max() ?? 0 }

    private func longest(_ followUp: FollowUp) -> Milliseconds {
        let hook = facts(of: followUp.release).hooks.first { $0.name == followUp.run.hook }
        return (hook?.deadline ?? 0) + hookPatience
    }
}

extension Timestamp {
    fileprivate mutating func limit(to latest: Timestamp) { self = min(self, latest) }
}
