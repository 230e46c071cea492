import IngotModel

/// How long after a hook's own deadline its result may take to come: the runner has to end it first.
let hookPatience: Milliseconds = .seconds(10)

// Hooks: what of the user's must have run, and how it went.
extension PlanningPass {
    /// A rollback waits for nobody.
    func hooks(of rollout: RolloutProgress, at point: RolloutHook.Point) -> [RolloutHook] {
        guard rollout.request.kind == .deploy else { return [] }
        return facts(of: rollout.release).hooks.filter { $0.point == point }
    }

    /// - Returns: `true` when all hooks of this point were good, `false` when the rollout was given up, `nil` while one is waited for.
    mutating func advanceHooks(_ point: RolloutHook.Point, of rollout: RolloutProgress) -> Bool? {
        let step = rollout.course.step
        for hook in hooks(of: rollout, at: point) {
            let run = HookRun(rollout: rollout.number, hook: hook.name, step: step)
            guard let result = observation.hooks.first(where: { $0.run == run }) else {
                return waitForHook(hook, run, rollout)
            }
            if let failure = result.failure {
                _ = giveUp("hook '\(hook.name)' failed: \(failure)")
                return false
            }
        }
        return true
    }

    /// Hooks run one after another, each in its own time; a hook's time begins when it is first asked for.
    private mutating func waitForHook(_ hook: RolloutHook, _ run: HookRun, _ rollout: RolloutProgress) -> Bool? {
        let since = rollout.course.hook.flatMap { $0.run == run ? $0.since : nil } ?? now
        state.rollout?.course.hook = RolloutCourse.AskedHook(run: run, since: since)
        let deadline = since + hook.deadline + hookPatience
        guard now < deadline else {
            _ = giveUp("hook '\(hook.name)' did not end within \(hook.deadline)")
            return false
        }
        wanted.insert(run)
        wait(for: "hook '\(hook.name)' to end", until: deadline, otherwise: "the rollout goes back")
        return nil
    }

    /// What runs after a rollout has ended changes nothing any more; how it went is told.
    mutating func advanceFollowUps() {
        for followUp in state.followUps {
            let result = observation.hooks.first { $0.run == followUp.run }
            if let failure = result?.failure {
                decided.append("hook '\(followUp.run.hook)' after the rollout of release \(followUp.release) failed: \(failure)")
            } else if result == nil, now >= followUp.until {
                decided.append("hook '\(followUp.run.hook)' after the rollout of release \(followUp.release) did not end")
            } else if result == nil {
                wanted.insert(followUp.run)
                wait(for: "hook '\(followUp.run.hook)' to end", until: followUp.until, otherwise: "it is given up")
                continue
            }
            state.followUps.removeAll { $0 == followUp }
        }
    }
}
