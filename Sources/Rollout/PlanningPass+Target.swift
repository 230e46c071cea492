import IngotModel

// What the state that was reached asks of the engine and the router.
extension PlanningPass {
    mutating func plan() -> Plan {
        var target = EnvironmentTarget(
            generation: state.target.generation, sizes: sizes, split: split, draining: draining, cutting: cutting)
        if target != state.target, target.generation == firstGeneration { target.generation = firstGeneration.next }
        state.target = target
        return Plan(
            target: target, decided: decided, awaiting: awaiting, finished: finished, wakeAt: deadlines.filter { $0 > now }.min())
    }

    /// The releases that run at full size; every other fleet is on its way out.
    var keptReleases: Set<ReleaseNumber> {
        guard let rollout = state.rollout else { return Set([state.serving].compactMap { $0 }) }
        guard isRecreate(rollout), let from = rollout.from else {
            return Set([state.serving, rollout.from, rollout.release].compactMap { $0 })
        }
        // Never two at the same time.
        switch rollout.phase {
        case .emptying, .starting, .switching, .soaking: return [rollout.release]
        case .returning: return isAlone(from) ? [from] : []
        }
    }

    private var sizes: [FleetSize] {
        var sizes: [ReleaseNumber: Int] = [:]
        for release in keptReleases { sizes[release] = facts(of: release).instances }
        if let rollout = state.rollout, sizes[rollout.release] != nil, !mayGrow(rollout) {
            sizes[rollout.release] = presentSize(of: rollout.release)
        }
        for retirement in state.retiring {
            sizes[retirement.release] = retirement.step == .ending ? 0 : presentSize(of: retirement.release)
        }
        return sizes.filter { $0.value > 0 }.map { FleetSize(release: $0.key, size: $0.value) }.sorted { $0.release < $1.release }
    }

    /// By recreate the new release starts only once the old one is gone (one that still runs, and is rolled back to, just stays);
    /// one that is being left is not started anew either.
    private func mayGrow(_ rollout: RolloutProgress) -> Bool {
        switch rollout.phase {
        case .emptying, .returning: false
        case .starting, .switching, .soaking: true
        }
    }

    private func presentSize(of release: ReleaseNumber) -> Int {
        min(observation.fleet(release).size, facts(of: release).instances)
    }

    private var split: Split {
        let resting = state.serving.map { Split.all(to: $0) } ?? .empty
        guard let rollout = state.rollout else { return resting }
        switch rollout.phase {
        case .emptying: return .empty
        case .starting: return hasNothingToKeep(rollout) ? .all(to: rollout.release) : resting
        case .switching, .soaking: return .all(to: rollout.release)
        case .returning: return returningSplit(rollout)
        }
    }

    /// Whether nothing else serves, so that the first healthy instance of the new release is better than none: the split is on it
    /// from the start, and the router itself holds requests back until it has seen one healthy.
    func hasNothingToKeep(_ rollout: RolloutProgress) -> Bool { rollout.from == nil || isRecreate(rollout) }

    /// Traffic goes back as soon as the router has seen the old release healthy, or when the new one serves nothing any more.
    func returningSplit(_ rollout: RolloutProgress) -> Split {
        guard let from = rollout.from else { return .empty }
        if isRecreate(rollout) { return hasTraffic(from) || isAlone(from) ? .all(to: from) : .empty }
        guard hasTraffic(rollout.release) else { return .all(to: from) }
        guard observation.isRouterReachable else { return .all(to: rollout.release) }
        let isOldBetter = observation.fleet(from).healthy > 0 || observation.fleet(rollout.release).healthy == 0
        return .all(to: isOldBetter ? from : rollout.release)
    }

    /// A fleet that may yet get its traffic back stays as ready as it is, with no share of the split: going back is then
    /// one change of weights. Only a fleet that is to end drains.
    private var draining: Set<ReleaseNumber> {
        var draining = Set(state.retiring.filter { $0.step != .warm }.map(\.release)).union(cutting)
        if let rollout = state.rollout, case .returning = rollout.phase, split != .all(to: rollout.release) {
            draining.insert(rollout.release)
        }
        return draining
    }

    private var cutting: Set<ReleaseNumber> {
        var cutting = Set(state.retiring.filter { $0.step == .cutting }.map(\.release))
        guard let rollout = state.rollout, rollout.phase == .soaking, let from = rollout.from else { return cutting }
        if now >= rollout.phaseSince + facts(of: from).timing.drain { cutting.insert(from) }
        return cutting
    }
}
