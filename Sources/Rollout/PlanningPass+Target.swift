import IngotModel

// What the state that was reached asks of the engine and the router.
extension PlanningPass {
    mutating func plan() -> Plan {
        let sizes = settleSizes()
        let split = split
        let leaving = state.leaving.map { LeavingInstance(instance: $0.instance, isCut: $0.step == .cutting) }
        let cutting = cutting
        var target = EnvironmentTarget(
            generation: state.target.generation, sizes: sizes, split: split, draining: draining(split).union(cutting), cutting: cutting,
            leaving: leaving, streamLimits: streamLimits, testers: testers, sticky: sticky, hooks: wanted, measured: measured, probed: probed)
        if target != state.target, target.generation == firstGeneration { target.generation = firstGeneration.next }
        state.target = target
        return Plan(
            target: target, decided: decided, awaiting: awaiting, finished: finished, wakeAt: deadlines.filter { $0 > now }.min())
    }

    /// The releases that run at full size; every other fleet is on its way out.
    var keptReleases: Set<ReleaseNumber> {
        guard let rollout = state.rollout else { return Set([state.serving].compactMap { $0 }) }
        guard isRecreate(rollout), let from = rollout.from else {
            let kept = Set([state.serving, rollout.from, rollout.release].compactMap { $0 } + rollout.course.others)
            // By rolling the old ones are on their way out once the new one has all traffic.
            guard rolling(rollout) != nil, rollout.phase == .soaking else { return kept }
            return kept.subtracting(replaced(by: rollout))
        }
        // Never two at the same time; but as long as nothing has changed whoever runs goes on, the new release too if it was going.
        switch rollout.phase {
        case .preparing: return Set([state.serving, from, rollout.release].compactMap { $0 } + rollout.course.others)
        case .emptying, .starting, .testing, .replacing, .switching, .soaking: return [rollout.release]
        case .returning: return hasTraffic(from) || isAlone(from) ? [from] : []
        }
    }

    private var split: Split {
        guard let rollout = state.rollout else { return state.serving.map { Split.all(to: $0) } ?? .empty }
        switch rollout.phase {
        case .preparing: return resting(rollout)
        case .emptying: return .empty
        case .starting, .testing:
            if rollout.course.step > 0 { return state.target.split }
            if hasNothingToKeep(rollout), hooks(of: rollout, at: .ready).isEmpty { return .all(to: rollout.release) }
            return isRecreate(rollout) ? .empty : resting(rollout)
        case .replacing: return shared(among: [rollout.release] + replaced(by: rollout), else: rollout.from)
        case .switching, .soaking: return stepSplit(rollout)
        case .returning: return returningSplit(rollout)
        }
    }

    /// As long as nothing has moved.
    private func resting(_ rollout: RolloutProgress) -> Split {
        guard rollout.course.others.isEmpty else { return shared(among: replaced(by: rollout), else: rollout.from) }
        // What is recreated and serves is not taken out for the hooks that come before it.
        return (state.serving ?? rollout.from).map { Split.all(to: $0) } ?? .empty
    }

    /// What the present step asks of the router.
    func stepSplit(_ rollout: RolloutProgress) -> Split {
        let share = step(of: rollout).share
        guard share < .whole, let from = rollout.from else { return .all(to: rollout.release) }
        let rest = BasisPoints(BasisPoints.whole.value - share.value)
        var shares = [from: rest]
        if !rollout.course.others.isEmpty {
            let among = shared(among: replaced(by: rollout))
            // What the old ones have among them stays as it is while nobody is healthy by whom it could be shared.
            if among == nil, state.target.split[rollout.release] == share { return state.target.split }
            shares = (among ?? present(among: replaced(by: rollout), else: from)).shares.mapValues {
                BasisPoints($0.value * rest.value / BasisPoints.whole.value)
            }
            shares[from, default: .none].value += rest.value - shares.values.reduce(0) { $0 + $1.value }
        }
        shares[rollout.release] = share
        return Split(shares) ?? .all(to: from)
    }

    /// Traffic in proportion to the healthy instances that stay. Where there are none it stays as it is, if it is among these at all.
    func shared(among releases: [ReleaseNumber], else fallback: ReleaseNumber?) -> Split {
        shared(among: releases) ?? present(among: releases, else: fallback)
    }

    /// The split as it was last asked for, if it is among these releases at all.
    private func present(among releases: [ReleaseNumber], else fallback: ReleaseNumber?) -> Split {
        state.target.split.shares.keys.allSatisfy(releases.contains) ? state.target.split : fallback.map { .all(to: $0) } ?? .empty
    }

    /// Traffic in proportion to the healthy instances that stay; `nil` where nobody is healthy, or nobody knows.
    private func shared(among releases: [ReleaseNumber]) -> Split? {
        let healthy = releases.map { ($0, stayingHealthy(in: $0)) }.filter { $0.1 > 0 }
        let total = healthy.reduce(0) { $0 + $1.1 }
        guard observation.isRouterReachable, total > 0 else { return nil }
        var shares = Dictionary(uniqueKeysWithValues: healthy.map { ($0.0, BasisPoints(BasisPoints.whole.value * $0.1 / total)) })
        shares[healthy[0].0, default: .none].value += BasisPoints.whole.value - shares.values.reduce(0) { $0 + $1.value }
        return Split(shares)
    }

    /// Whether nothing else serves, so that the first healthy instance of the new release is better than none: the split is on it
    /// from the start, and the router itself holds requests back until it has seen one healthy.
    func hasNothingToKeep(_ rollout: RolloutProgress) -> Bool { rollout.from == nil || isRecreate(rollout) }

    /// Traffic goes back as soon as the router has seen the old release healthy, or when the new one serves nothing any more. Where both
    /// are needed to carry it, it goes back instance by instance.
    func returningSplit(_ rollout: RolloutProgress) -> Split {
        guard let from = rollout.from else { return .empty }
        if isRecreate(rollout) {
            let isLeaving = state.retiring.contains { $0.release == from }
            return !isLeaving && (hasTraffic(from) || isAlone(from)) ? .all(to: from) : .empty
        }
        if let trade {
            let isBack = observation.isRouterReachable && observation.fleet(from).healthy >= trade.size
            return isBack || hasTraffic(from) ? .all(to: from) : shared(among: [trade.growing] + trade.shrinking, else: from)
        }
        if state.target.split[rollout.release] == .none { return .all(to: from) }
        guard observation.isRouterReachable else { return state.target.split }
        let isOldBetter = observation.fleet(from).healthy > 0 || observation.fleet(rollout.release).healthy == 0
        return isOldBetter ? .all(to: from) : hasTraffic(rollout.release) ? .all(to: rollout.release) : state.target.split
    }

    /// A fleet that may yet get its traffic back stays as ready as it is, with no share of the split: going back is then
    /// one change of weights. Only a fleet that is to end drains.
    private func draining(_ split: Split) -> Set<ReleaseNumber> {
        var draining = Set(state.retiring.filter { $0.step != .warm }.map(\.release))
        if let rollout = state.rollout, case .returning = rollout.phase, split[rollout.release] == .none { draining.insert(rollout.release) }
        return draining
    }

    private var cutting: Set<ReleaseNumber> {
        var cutting = Set(state.retiring.filter { $0.step == .cutting }.map(\.release))
        if let from = overdueFrom { cutting.insert(from) }
        return cutting
    }

    /// The old release whose requests have had their time although the soak goes on.
    private var overdueFrom: ReleaseNumber? {
        guard let rollout = state.rollout, rollout.phase == .soaking, isAtLastStep(rollout), let from = rollout.from,
            isKeptWhole(from, by: rollout), now >= rollout.phaseSince + facts(of: from).timing.drain
        else { return nil }
        return from
    }

    /// Streams are closed evenly over their time, in steps of a second.
    private var streamLimits: [StreamLimit] {
        var limits = state.retiring.compactMap { retirement -> StreamLimit? in
            guard let drain = retirement.drain, drain.streams > 0, retirement.step != .ending else { return nil }
            return StreamLimit(release: retirement.release, most: allowedStreams(of: retirement.release, drain))
        }
        limits += state.leaving.compactMap { leaver in
            guard let drain = leaver.drain, drain.streams > 0, leaver.step != .ending else { return nil }
            return StreamLimit(release: leaver.release, instance: leaver.instance, most: allowedStreams(of: leaver.release, drain))
        }
        if let from = overdueFrom { limits.append(StreamLimit(release: from, most: StreamLimit.anyNumber)) }
        return limits.sorted { ($0.release, $0.instance?.description ?? "") < ($1.release, $1.instance?.description ?? "") }
    }

    private func allowedStreams(of release: ReleaseNumber, _ drain: Retirement.Drain) -> Int {
        let length = max(1, facts(of: release).timing.streamDrain.count / 1_000)
        let passed = max(0, (now - drain.since).count / 1_000)
        return drain.streams * max(0, length - passed) / length
    }

    /// The canary whose release has instances that the router has seen healthy, and that may have users.
    private var runningCanary: (canary: Canary, release: ReleaseNumber)? {
        guard let rollout = state.rollout, rollout.from != nil, case .canary(let canary) = facts(of: rollout.release).strategy else { return nil }
        switch rollout.phase {
        case .switching, .soaking: return (canary, rollout.release)
        case .starting where rollout.course.step > 0: return (canary, rollout.release)
        default: return nil
        }
    }

    private var testers: Testers? {
        guard let (canary, release) = runningCanary, let mark = canary.testers else { return nil }
        return Testers(mark: mark, release: release)
    }

    private var sticky: StickyCookie? {
        guard let (canary, _) = runningCanary, canary.isSticky, split.shares.count > 1 else { return nil }
        return StickyCookie(name: "ingot-release")
    }

    private var isWatched: Bool {
        guard let rollout = state.rollout, rollout.request.kind == .deploy else { return false }
        return rollout.phase == .soaking && rollout.course.pause == nil
    }

    private var measured: ReleaseNumber? {
        guard isWatched, let release = state.rollout?.release, facts(of: release).analysis?.metrics.isEmpty == false else { return nil }
        return release
    }
}
