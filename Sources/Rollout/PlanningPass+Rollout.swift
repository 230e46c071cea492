import IngotModel

/// How often a fleet's instances may end by themselves before a rollout gives up on it: once may be
/// noise; three times the same image with the same configuration will not do better the fourth time.
public let failuresBeforeGivingUp = 3

// Moving a rollout on.
extension PlanningPass {
    /// Keeps what the proof and the counting of failures need of every observation.
    mutating func noteWhatWasSeen() {
        noteLeastHealthy()
        guard var rollout = state.rollout else { return }
        // A count that fell began again: the fleet was gone in between.
        let failures = observation.fleet(rollout.release).failures
        rollout.failuresAtStart = min(rollout.failuresAtStart, failures)
        rollout.failuresBeforeTraffic = min(rollout.failuresBeforeTraffic, failures)
        let healthy = observation.fleet(rollout.release).healthy
        if healthy > rollout.course.mostHealthy {
            rollout.course.mostHealthy = healthy
            // By rolling each instance more is progress, and the deadline counts from the last.
            if rollout.phase == .replacing { rollout.phaseSince = now }
        }
        state.rollout = rollout
    }

    /// How many could serve, at the worst moment. Where nothing was to be kept it counts from the moment all were there.
    private mutating func noteLeastHealthy() {
        guard let rollout = state.rollout, rollout.switchDecidedAt != nil || !hasNothingToKeep(rollout),
            let split = observation.split, !split.shares.isEmpty
        else { return }
        let healthy = split.shares.keys.reduce(0) { $0 + observation.fleet($1).healthy }
        state.rollout?.leastHealthy = min(rollout.leastHealthy ?? healthy, healthy)
    }

    /// Takes the rollout one phase further; `false` when it waits or there is none.
    mutating func advanceRollout() -> Bool {
        guard let rollout = state.rollout else { return false }
        if let pause = rollout.course.pause { return advancePaused(rollout, pause) }
        switch rollout.phase {
        case .preparing: return advancePreparing(rollout)
        case .emptying: return advanceEmptying(rollout)
        case .starting: return advanceStarting(rollout)
        case .testing: return advanceTesting(rollout)
        case .replacing: return advanceReplacing(rollout)
        case .switching: return advanceSwitching(rollout)
        case .soaking: return advanceSoaking(rollout)
        case .returning(let reason): return rollout.from.map { advanceReturning(rollout, to: $0, reason) } ?? advanceLeaving(rollout, reason)
        }
    }

    private mutating func advancePaused(_ rollout: RolloutProgress, _ pause: Pause) -> Bool {
        if hasUsers(rollout), let reason = reasonAgainstTraffic(rollout) { return giveUp(reason) }
        wait(for: "somebody to resume or promote the rollout, or to abort it", hindrance: pause.reason, endedBy: .somebody)
        return false
    }

    /// Whether the new release has had any traffic.
    func hasUsers(_ rollout: RolloutProgress) -> Bool {
        switch rollout.phase {
        case .switching, .soaking: true
        case .starting: rollout.course.step > 0
        case .replacing: rollout.course.mostHealthy > 0
        case .preparing, .emptying, .testing, .returning: false
        }
    }

    private mutating func advancePreparing(_ rollout: RolloutProgress) -> Bool {
        guard let isOver = advanceHooks(.before, of: rollout) else { return false }
        guard isOver else { return true }
        beginPath(rollout)
        return true
    }

    // MARK: Emptying

    private mutating func advanceEmptying(_ rollout: RolloutProgress) -> Bool {
        guard isAlone(rollout.release) else {
            let instances = fleetsBeside(rollout.release).reduce(0) { $0 + $1.instances.count }
            wait(
                for: instances > 0
                    ? "\(count(instances, "instance")) of the old release to drain and end" : "the engine to start nothing older any more",
                endedBy: .engine)
            return false
        }
        enter(.starting, because: rollout.from.map { "release \($0) has ended" } ?? "there is no old release")
        return true
    }

    // MARK: Starting

    private mutating func advanceStarting(_ rollout: RolloutProgress) -> Bool {
        let fleet = observation.fleet(rollout.release)
        if let reason = reasonAgainstStarting(rollout, fleet) { return giveUp(reason) }
        if hasUsers(rollout), let reason = reasonAgainstTraffic(rollout) { return giveUp(reason) }
        // A fleet of no instance at all can't take traffic, whatever its release says.
        let needed = max(1, step(of: rollout).size)
        guard observation.isRouterReachable, fleet.healthy >= needed else { return waitForHealth(rollout, fleet, needed) }
        guard rollout.course.step == 0, !hooks(of: rollout, at: .ready).isEmpty else { return beginSwitching(rollout) }
        enter(.testing, because: "\(needed) of \(count(needed, "instance")) of release \(rollout.release) healthy: it is tested")
        return true
    }

    private mutating func advanceTesting(_ rollout: RolloutProgress) -> Bool {
        if let reason = reasonAgainstStarting(rollout, observation.fleet(rollout.release)) { return giveUp(reason) }
        guard let isOver = advanceHooks(.ready, of: rollout) else { return false }
        return isOver ? beginSwitching(rollout) : true
    }

    /// Traffic moves to what the step's instances can carry. A fleet that has fallen ill while it was tested has to come back first.
    private mutating func beginSwitching(_ rollout: RolloutProgress) -> Bool {
        let fleet = observation.fleet(rollout.release)
        let step = step(of: rollout)
        let needed = max(1, step.size)
        guard observation.isRouterReachable, fleet.healthy >= needed else { return waitForHealth(rollout, fleet, needed) }
        if rollout.course.step == 0 { state.rollout?.failuresBeforeTraffic = fleet.failures }
        if isAtLastStep(rollout) { state.rollout?.switchDecidedAt = now }
        noteLeastHealthy()
        let what = step.share == .whole ? "traffic moves" : "\(step.share) of the traffic moves"
        enter(.switching, because: "\(needed) of \(count(needed, "instance")) of release \(rollout.release) healthy: \(what)")
        noteNumbers()
        return true
    }

    // MARK: Replacing

    /// The sizes and the split follow from what is healthy, pass by pass (see `settleRolling`); here is only when it ends.
    private mutating func advanceReplacing(_ rollout: RolloutProgress) -> Bool {
        let fleet = observation.fleet(rollout.release)
        let needed = max(1, fullSize(of: rollout.release))
        if let reason = reasonAgainstStarting(rollout, fleet) { return giveUp(reason) }
        if hasUsers(rollout), let reason = reasonAgainstTraffic(rollout) { return giveUp(reason) }
        guard observation.isRouterReachable, fleet.healthy >= needed else { return waitForHealth(rollout, fleet, needed) }
        state.rollout?.switchDecidedAt = now
        enter(.switching, because: "\(needed) of \(count(needed, "instance")) of release \(rollout.release) healthy: all traffic moves")
        noteNumbers()
        return true
    }

    private func reasonAgainstStarting(_ rollout: RolloutProgress, _ fleet: FleetObservation) -> String? {
        // What an engine says of a fleet that it was not yet asked to run, or was asked to end, is of no account.
        if let error = fleet.startError, fleet.size > 0, rollout.phaseSince < now {
            return "no instance of release \(rollout.release) can start: \(error)"
        }
        let failures = fleet.failures - rollout.failuresAtStart
        guard failures >= failuresBeforeGivingUp else { return nil }
        let last = fleet.lastFailure.map { "; the last one: \($0)" } ?? ""
        return "instances of release \(rollout.release) ended by themselves \(failures) times\(last)"
    }

    /// The deadline counts from the start of this phase: how long an old release took to drain is not the new one's fault.
    private mutating func waitForHealth(_ rollout: RolloutProgress, _ fleet: FleetObservation, _ needed: Int) -> Bool {
        let allowed = facts(of: rollout.release).timing.progressDeadline
        let hindrance = hindrance(in: fleet)
        guard now < rollout.phaseSince + allowed else {
            let why = hindrance.map { " (\($0))" } ?? ""
            return giveUp("only \(fleet.healthy) of \(count(needed, "instance")) of release \(rollout.release) were healthy after \(allowed)\(why)")
        }
        wait(
            for: "\(fleet.healthy) of \(count(needed, "instance")) of release \(rollout.release) healthy", hindrance: hindrance,
            until: rollout.phaseSince + allowed, otherwise: "the rollout goes back")
        return false
    }

    // MARK: Switching

    private mutating func advanceSwitching(_ rollout: RolloutProgress) -> Bool {
        let share = step(of: rollout).share
        let what = share == .whole ? "all traffic" : "\(share) of the traffic"
        guard observation.split != stepSplit(rollout) else {
            if share == .whole { state.rollout?.switchedAt = now }
            retireWhatRollingReplaced(rollout)
            enter(.soaking, because: "the router sends \(what) to release \(rollout.release)")
            return true
        }
        if let reason = reasonAgainstTraffic(rollout) { return giveUp(reason) }
        let deadline = rollout.phaseSince + facts(of: rollout.release).timing.progressDeadline
        guard now < deadline else { return giveUp("the router did not move the traffic to release \(rollout.release)") }
        wait(
            for: "the router to send \(what) to release \(rollout.release)",
            hindrance: observation.isRouterReachable ? nil : "the router can't be reached",
            until: deadline, otherwise: "the rollout goes back")
        return false
    }

    /// By rolling the last of the old instances are of no more use once all traffic has moved: they are not a whole fleet to go back to.
    private mutating func retireWhatRollingReplaced(_ rollout: RolloutProgress) {
        guard rolling(rollout) != nil else { return }
        for release in replaced(by: rollout) { retire(release, notBefore: now) }
    }

    /// Why a release should not have the traffic that it has, or is about to have.
    private func reasonAgainstTraffic(_ rollout: RolloutProgress) -> String? {
        guard observation.isRouterReachable else { return nil }
        let fleet = observation.fleet(rollout.release)
        let failures = fleet.failures - rollout.failuresBeforeTraffic
        // A router that has just started has seen nobody healthy yet; that alone is no failure of the release.
        let hasFailed = failures > 0 || fleet.instances.isEmpty || fleet.instances.contains { $0.health == .down }
        if fleet.healthy == 0, hasFailed {
            return "no instance of release \(rollout.release) is healthy any more\(hindrance(in: fleet).map { ": \($0)" } ?? "")"
        }
        guard failures >= failuresBeforeGivingUp else { return nil }
        return "instances of release \(rollout.release) keep ending under traffic\(fleet.lastFailure.map { "; the last one: \($0)" } ?? "")"
    }

    // MARK: Soaking

    private mutating func advanceSoaking(_ rollout: RolloutProgress) -> Bool {
        if rollout.request.kind == .deploy {
            if let reason = reasonAgainstTraffic(rollout) { return giveUp(reason) }
            if let goesOn = soak(rollout) { return goesOn }
        }
        guard isAtLastStep(rollout) else { return takeNextStep(rollout) }
        if let from = rollout.from, isKeptWhole(from, by: rollout), waitForDrain(of: from, since: rollout.phaseSince) { return false }
        succeed(rollout)
        return false
    }

    /// Whether the old release keeps all its instances until the rollout has ended.
    func isKeptWhole(_ from: ReleaseNumber, by rollout: RolloutProgress) -> Bool { !isRecreate(rollout) && rolling(rollout) == nil }

    private mutating func takeNextStep(_ rollout: RolloutProgress) -> Bool {
        state.rollout?.course.step += 1
        let next = path(of: rollout)[rollout.course.step + 1]
        let steps = path(of: rollout).steps.count
        enter(.starting, because: "step \(rollout.course.step + 2) of \(steps): \(next.share) of the traffic, by \(count(next.size, "instance"))")
        return true
    }

    /// The soak counts from the moment traffic had moved; a rollback needs none, its release was proved before.
    /// `nil` once it is over.
    private mutating func soak(_ rollout: RolloutProgress) -> Bool? {
        let step = step(of: rollout)
        let isPromoted = rollout.course.isPromotedInFull || rollout.course.promotedStep == rollout.course.step
        let soaked = rollout.phaseSince + (isPromoted ? 0 : step.soak)
        if let reason = reasonByAnalysis(rollout) { return giveUp(reason) }
        guard now >= soaked else {
            let last = isAtLastStep(rollout)
            wait(
                for: "release \(rollout.release) to stay healthy under \(last ? "" : "\(step.share) of the ")traffic for \(step.soak)", until: soaked,
                otherwise: last ? "the rollout has succeeded" : "the next step begins")
            // What the old release still has is cut in time although the soak goes on.
            if last, let from = rollout.from, isKeptWhole(from, by: rollout) { _ = waitForDrain(of: from, since: rollout.phaseSince) }
            return false
        }
        let fleet = observation.fleet(rollout.release)
        guard observation.isRouterReachable, fleet.healthy >= max(1, step.size) else {
            let deadline = soaked + facts(of: rollout.release).timing.progressDeadline
            guard now < deadline else {
                return giveUp(
                    "only \(fleet.healthy) of \(count(step.size, "instance")) of release \(rollout.release) stayed healthy under traffic")
            }
            wait(
                for: "\(fleet.healthy) of \(count(step.size, "instance")) of release \(rollout.release) healthy at the end of the soak",
                hindrance: hindrance(in: fleet), until: deadline, otherwise: "the rollout goes back")
            return false
        }
        if !isPromoted, let goesOn = waitForVerdict(rollout, since: soaked) { return goesOn }
        guard let isOver = advanceHooks(.step, of: rollout) else { return false }
        guard isOver else { return true }
        guard isPromoted || !step.waitsForPromotion else {
            wait(for: "somebody to promote release \(rollout.release) beyond \(step.share) of the traffic", endedBy: .somebody)
            return false
        }
        return nil
    }

    /// Whether the requests of a release that lost the traffic are still to be waited for.
    private mutating func waitForDrain(of release: ReleaseNumber, since: Timestamp) -> Bool {
        let fleet = observation.fleet(release)
        guard !fleet.instances.isEmpty, !observation.isRouterReachable || fleet.requestsInFlight > 0 else { return false }
        let deadline = since + facts(of: release).timing.drain
        let cut = deadline + cutPatience
        guard now < cut else { return false }
        wait(
            for: "\(count(fleet.requestsInFlight, "request")) of release \(release) to end", until: now < deadline ? deadline : cut,
            otherwise: now < deadline ? "the rest is cut" : "the rollout ends all the same")
        return true
    }

    private mutating func succeed(_ rollout: RolloutProgress) {
        state.serving = rollout.release
        state.stable = rollout.release
        finish(.succeeded)
        decided.append("release \(rollout.release) has succeeded")
        for hook in hooks(of: rollout, at: .after) {
            let run = HookRun(rollout: rollout.number, hook: hook.name, step: rollout.course.step)
            state.followUps.append(FollowUp(run: run, release: rollout.release, until: now + hook.deadline + hookPatience))
        }
        forgetScale(after: rollout)
        guard let from = rollout.from, isKeptWhole(from, by: rollout) else { return }
        let warm = (rollout.switchedAt ?? now) + facts(of: rollout.release).timing.warm
        retire(from, notBefore: warm)
        for release in rollout.course.others { retire(release, notBefore: now) }
    }

    /// A release with another number of instances is a newer wish than a scale of before. It is fulfilled when the release has all traffic:
    /// until then as many serve as did, so that no cutover leaves fewer to carry what the old ones carried.
    private mutating func forgetScale(after rollout: RolloutProgress) {
        guard state.scale != nil, rollout.request.kind == .deploy, let from = rollout.from,
            facts(of: rollout.release).instances != facts(of: from).instances
        else { return }
        state.scale = nil
        decided.append("release \(rollout.release) says how many instances it has: the scale of before is forgotten")
    }

    // MARK: Returning

    mutating func giveUp(_ reason: String) -> Bool {
        guard let rollout = state.rollout else { return false }
        enter(.returning(reason: reason), because: reason)
        state.rollout?.course.pause = nil
        // By recreate the new release ends before the old one starts again; by rolling the old ones stay, and come back.
        if isRecreate(rollout) { retire(rollout.release, notBefore: now) }
        let kept = rolling(rollout) == nil ? [] : replaced(by: rollout)
        state.retiring.removeAll { kept.contains($0.release) }
        noteLeastHealthy()
        return true
    }

    private mutating func advanceReturning(_ rollout: RolloutProgress, to from: ReleaseNumber, _ reason: String) -> Bool {
        let fleet = observation.fleet(from)
        let holder = whoServesInstead(of: from, rollout)
        let isHeld = holder != nil
        let deadline = rollout.phaseSince + facts(of: from).timing.progressDeadline
        let isBack = fleet.healthy > 0 && observation.split == .all(to: from)
        // An old fleet that is broken too must not hold up the end, but as long as another one serves nobody gains from going back.
        if isBack || (now >= deadline && !isHeld) { return endReturn(rollout, to: from, reason) }
        if let holder, now >= deadline {
            if holder != rollout.release { return endReturn(rollout, to: holder, reason, insteadOf: from) }
            if isWhole(holder) { return goOn(rollout, insteadOf: from) }
        }
        let what = "release \(from) to have the traffic again"
        if now < deadline {
            let otherwise =
                holder.map { "release \($0) goes on, if it is healthy" } ?? "the rollout ends with the split on release \(from) all the same"
            wait(for: what, hindrance: hindrance(in: fleet), until: deadline, otherwise: otherwise)
        } else {
            wait(for: what, hindrance: hindrance(in: fleet), endedBy: .health)
        }
        return false
    }

    /// Who has healthy instances under traffic while the release that is gone back to has none: the new release, or else the one of
    /// the others that has most.
    private func whoServesInstead(of from: ReleaseNumber, _ rollout: RolloutProgress) -> ReleaseNumber? {
        guard trade != nil else { return returningSplit(rollout)[rollout.release] > .none ? rollout.release : nil }
        guard observation.isRouterReachable, observation.fleet(from).healthy == 0 else { return nil }
        if observation.fleet(rollout.release).healthy > 0 { return rollout.release }
        let others = rollout.course.others.filter { observation.fleet($0).healthy > 0 }
        return others.max { observation.fleet($0).healthy < observation.fleet($1).healthy }
    }

    /// - Parameter broken: the release that was to be gone back to, where another one serves in its place.
    private mutating func endReturn(
        _ rollout: RolloutProgress, to serving: ReleaseNumber, _ reason: String, insteadOf broken: ReleaseNumber? = nil
    ) -> Bool {
        finish(.returned(reason: reason))
        state.serving = serving
        decided.append(
            broken.map { "release \($0) has no healthy instance to go back to: release \(serving), which has some, serves on" }
                ?? "release \(serving) has the traffic again")
        for release in replaced(by: rollout) + [rollout.release] where release != serving { retire(release, notBefore: now) }
        return false
    }

    /// There is nothing healthy to go back to, and the new release is healthy now: it gets another soak, with all traffic.
    private mutating func goOn(_ rollout: RolloutProgress, insteadOf from: ReleaseNumber) -> Bool {
        state.rollout?.failuresBeforeTraffic = observation.fleet(rollout.release).failures
        let last = path(of: rollout).steps.count - 1
        state.rollout?.course.step = last
        state.rollout?.switchedAt = rollout.switchedAt ?? now
        retireWhatRollingReplaced(rollout)
        enter(.soaking, because: "release \(from) has no healthy instance to go back to: release \(rollout.release), which is healthy, goes on")
        noteNumbers()
        return true
    }

    private func isWhole(_ release: ReleaseNumber) -> Bool {
        observation.isRouterReachable && observation.fleet(release).healthy >= max(1, fullSize(of: release))
    }

    /// A first deployment that failed: there is nothing to go back to.
    private mutating func advanceLeaving(_ rollout: RolloutProgress, _ reason: String) -> Bool {
        guard observation.split == .empty || !observation.isRouterReachable else {
            wait(for: "the router to take the traffic from release \(rollout.release)", endedBy: .router)
            return false
        }
        finish(.returned(reason: reason))
        decided.append("nothing runs: there is no release to go back to")
        retire(rollout.release, notBefore: now)
        return false
    }

    // MARK: Steps

    mutating func enter(_ phase: RolloutPhase, because reason: String) {
        state.rollout?.phase = phase
        state.rollout?.phaseSince = now
        state.rollout?.course.staying = []
        decided.append(reason)
    }

    private mutating func finish(_ outcome: RolloutOutcome) {
        guard let progress = state.rollout else { return }
        finished.append(FinishedRollout(progress: progress, outcome: outcome, at: now))
        state.rollout = nil
    }
}
