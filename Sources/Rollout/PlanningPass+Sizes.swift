import IngotModel

// How many instances each fleet is to have, and who of a fleet that gets smaller goes.
extension PlanningPass {
    /// The sizes of all fleets after this pass. Instances beyond what a fleet is to have are taken out one by one: they drain first, and
    /// only then is the engine told to end them, by name.
    mutating func settleSizes() -> [FleetSize] {
        forgetGoneLeavers()
        var wishes = keptSizes
        settleRolling(&wishes)
        state.leaving.removeAll { wishes[$0.release] == nil }
        let ordered = wishes.sorted { $0.key < $1.key }
        for (release, size) in ordered { chooseLeavers(of: release, to: size) }
        advanceLeavers()
        var sizes = ordered.map { fleetSize(of: $0.key, to: $0.value) }
        for retirement in state.retiring {
            // As many as it has, also where its release or a scale says another number now: none ends before all have drained.
            let size = retirement.step == .ending ? 0 : observation.fleet(retirement.release).size
            sizes.append(FleetSize(release: retirement.release, size: size))
        }
        return sizes.filter { $0.size > 0 }.sorted { $0.release < $1.release }
    }

    /// What the strategy's step asks of every fleet that stays, rolling aside.
    private var keptSizes: [ReleaseNumber: Int] {
        var sizes: [ReleaseNumber: Int] = [:]
        for release in keptReleases { sizes[release] = fullSize(of: release) }
        guard let rollout = state.rollout else { return sizes }
        for other in rollout.course.others where sizes[other] != nil { sizes[other] = wished(other) }
        if rolling(rollout) != nil, rollout.phase == .switching, let from = rollout.from { sizes[from] = wished(from) }
        if wantsBaseline(rollout), let from = rollout.from { sizes[from, default: 0] += 1 }
        guard sizes[rollout.release] != nil else { return sizes }
        if mayGrow(rollout) {
            // A fleet that is there already, such as a warm one, does not shrink for a step.
            let step = step(of: rollout).size
            sizes[rollout.release] = min(max(step, presentSize(of: rollout.release)), max(step, fullSize(of: rollout.release)))
        } else {
            sizes[rollout.release] = presentSize(of: rollout.release)
        }
        return sizes
    }

    /// By recreate the new release starts only once the old one is gone (one that still runs, and is rolled back to, just stays);
    /// one that is being left is not started anew either.
    private func mayGrow(_ rollout: RolloutProgress) -> Bool {
        switch rollout.phase {
        case .preparing, .emptying, .returning: false
        case .starting, .testing, .replacing, .switching, .soaking: true
        }
    }

    func presentSize(of release: ReleaseNumber) -> Int { min(observation.fleet(release).size, fullSize(of: release)) }

    // MARK: Rolling

    /// Who grows and who shrinks while instances trade places; `nil` when none do.
    struct Trade {
        var growing: ReleaseNumber
        var shrinking: [ReleaseNumber]
        var size: Int
        var surge: Int
        var unavailable: Int
    }

    /// A rolling rollout, its way back, or the way back of one that began with the traffic on several releases.
    var trade: Trade? {
        guard let rollout = state.rollout, let from = rollout.from, !isRecreate(rollout) else { return nil }
        let update = rolling(rollout) ?? RollingUpdate(surge: .percent(25), unavailable: .count(0))
        switch rollout.phase {
        case .replacing:
            return trade(to: rollout.release, from: replaced(by: rollout), by: update)
        case .returning where rolling(rollout) != nil || !rollout.course.others.isEmpty:
            return trade(to: from, from: [rollout.release] + rollout.course.others, by: update)
        default: return nil
        }
    }

    private func trade(to growing: ReleaseNumber, from shrinking: [ReleaseNumber], by update: RollingUpdate) -> Trade {
        let size = max(1, fullSize(of: growing))
        let unavailable = update.unavailable.roundedDown(of: size)
        let surge = update.surge.roundedUp(of: size)
        // Without either nothing could ever move.
        return Trade(growing: growing, shrinking: shrinking, size: size, surge: surge + unavailable == 0 ? 1 : surge, unavailable: unavailable)
    }

    /// One look at a rolling rollout, after Kubernetes' rolling update: the new fleet grows into the room that there is, the old ones
    /// shrink by what is healthy beyond the floor, and by what is not healthy and not missed.
    ///
    /// Source: Kubernetes, pkg/controller/deployment/rolling.go (reconcileNewReplicaSet, reconcileOldReplicaSets).
    private mutating func settleRolling(_ wishes: inout [ReleaseNumber: Int]) {
        guard let trade else { return }
        defer {
            let staying = ([trade.growing] + trade.shrinking).map { FleetSize(release: $0, size: wishes[$0] ?? 0) }
            state.rollout?.course.staying = staying.sorted { $0.release < $1.release }
        }
        for release in trade.shrinking { wishes[release] = wished(release) }
        guard state.rollout?.course.pause == nil else {
            wishes[trade.growing] = wished(trade.growing)
            return
        }
        // Whoever was on his way out of the fleet that grows is there already.
        takeBack(trade.size - staying(in: trade.growing).count, of: trade.growing)
        if observation.isRouterReachable { shrink(trade, &wishes) }
        let occupied = trade.shrinking.reduce(endingCount(in: trade.growing)) { $0 + occupiedPlaces(by: $1, toStay: wishes[$1] ?? 0) }
        // What was asked for and not yet begun gives way to what has come back meanwhile of the others.
        let begun = max(staying(in: trade.growing).count, min(wished(trade.growing), observation.fleet(trade.growing).size))
        wishes[trade.growing] = min(trade.size, max(begun, trade.size + trade.surge - occupied))
    }

    /// What an old fleet has, or will have once it is as large as it is to be, with those that are on their way out.
    private func occupiedPlaces(by release: ReleaseNumber, toStay size: Int) -> Int {
        let fleet = observation.fleet(release)
        let ending = endingCount(in: release)
        return max(fleet.size, size, fleet.instances.count - ending) + ending
    }

    private func shrink(_ trade: Trade, _ wishes: inout [ReleaseNumber: Int]) {
        let grown = stayingHealthy(in: trade.growing)
        guard grown < trade.size else {
            for release in trade.shrinking { wishes[release] = 0 }
            return
        }
        let floor = trade.size - trade.unavailable
        var idle = max(0, grown + trade.shrinking.reduce(0) { $0 + (wishes[$1] ?? 0) } - floor)
        for release in trade.shrinking {
            let unhealthy = max(0, (wishes[release] ?? 0) - stayingHealthy(in: release))
            let taken = min(unhealthy, idle)
            wishes[release, default: 0] -= taken
            idle -= taken
        }
        let healthy = grown + trade.shrinking.reduce(0) { $0 + min(wishes[$1] ?? 0, stayingHealthy(in: $1)) }
        var spare = max(0, healthy - floor)
        for release in trade.shrinking {
            let taken = min(spare, wishes[release] ?? 0, stayingHealthy(in: release))
            wishes[release, default: 0] -= taken
            spare -= taken
        }
    }

    /// How many instances of a fleet were to stay when the pass began.
    private func wished(_ release: ReleaseNumber) -> Int {
        if let size = state.rollout?.course.staying.first(where: { $0.release == release }) { return size.size }
        let asked = state.target.size(of: release) - state.leaving.count { $0.release == release && $0.step != .ending }
        // A smaller target that was never carried out is no reason to take anybody out of service: the rule for trading decides.
        return max(0, asked, staying(in: release).count)
    }

    private func endingCount(in release: ReleaseNumber) -> Int { observation.fleet(release).instances.count { $0.health == .ending } }

    func stayingHealthy(in release: ReleaseNumber) -> Int { staying(in: release).count { $0.health == .up } }

    func staying(in release: ReleaseNumber) -> [InstanceObservation] {
        let leaving = Set(state.leaving.map(\.instance))
        return observation.fleet(release).instances.filter { $0.health != .ending && !leaving.contains($0.id) }
    }

    // MARK: Leaving

    private mutating func forgetGoneLeavers() {
        guard !state.leaving.isEmpty else { return }
        let there = Set(observation.fleets.flatMap(\.instances).filter { $0.health != .ending }.map(\.id))
        state.leaving.removeAll { !there.contains($0.instance) }
    }

    private mutating func advanceLeavers() {
        guard !state.leaving.isEmpty else { return }
        let sight = LeaverSight(of: state.leaving, in: observation, asked: state.target.leaving)
        state.leaving = state.leaving.map { advanced($0, sight) }
    }

    private mutating func advanced(_ leaver: Leaving, _ sight: LeaverSight) -> Leaving {
        guard let instance = sight.instance(of: leaver) else { return leaver }
        var leaver = leaver
        // Only then it gets no new ones, so that all it has are counted.
        if leaver.drain == nil, isOutOfTraffic(instance, sight) { leaver.drain = Retirement.Drain(since: now, streams: instance.streamsInFlight) }
        if leaver.step != .ending, instance.requestsInFlight + instance.streamsInFlight == 0, isOutOfTraffic(instance, sight) {
            (leaver.step, leaver.stepSince) = (.ending, now)
        }
        switch leaver.step {
        case .warm, .draining: advanceDraining(&leaver, instance)
        case .cutting: advanceCutting(&leaver, instance)
        case .ending: break
        }
        return leaver
    }

    private mutating func advanceDraining(_ leaver: inout Leaving, _ instance: InstanceObservation) {
        let timing = facts(of: leaver.release).timing
        let deadline = leaver.stepSince + (instance.requestsInFlight > 0 ? timing.drain : max(timing.drain, timing.streamDrain))
        guard now >= deadline else {
            wait(for: "an instance of release \(leaver.release) to drain", until: deadline, otherwise: "the rest is cut")
            return wakeForStreams(of: leaver.drain)
        }
        decided.append("an instance of release \(leaver.release) has had its time to drain: what it still has is cut")
        (leaver.step, leaver.stepSince) = (.cutting, now)
        advanceCutting(&leaver, instance)
    }

    /// As with a whole fleet: its requests are cut, and its streams have their own time, which may be longer.
    private mutating func advanceCutting(_ leaver: inout Leaving, _ instance: InstanceObservation) {
        let streamsUntil = leaver.drain.map { $0.since + facts(of: leaver.release).timing.streamDrain } ?? leaver.stepSince
        let hasStreams = instance.streamsInFlight > 0
        if instance.requestsInFlight == 0, hasStreams, now < streamsUntil {
            wait(for: "the streams of an instance of release \(leaver.release) to end", until: streamsUntil, otherwise: "the rest is closed")
            return wakeForStreams(of: leaver.drain)
        }
        let deadline = (hasStreams ? max(leaver.stepSince, streamsUntil) : leaver.stepSince) + cutPatience
        if now >= deadline { return (leaver.step, leaver.stepSince) = (.ending, now) }
        wait(
            for: "the router to cut what an instance of release \(leaver.release) still has", until: deadline, otherwise: "it ends all the same")
    }

    /// Whether the router has the route in force by which the instance drains, and says so.
    private func isOutOfTraffic(_ instance: InstanceObservation, _ sight: LeaverSight) -> Bool {
        guard observation.isRouterReachable, sight.isAsked(instance.id) else { return false }
        if let inForce = observation.routeGeneration, inForce < firstGeneration { return false }
        return instance.health == .draining || instance.health == .starting
    }

    /// Brings who leaves into line with how many are to stay.
    private mutating func chooseLeavers(of release: ReleaseNumber, to size: Int) {
        let missing = size - staying(in: release).count
        if missing > 0 { return takeBack(missing, of: release) }
        // Without a router nobody can drain.
        guard missing < 0, observation.isRouterReachable else { return }
        for instance in leastUseful(in: release).prefix(-missing) {
            state.leaving.append(Leaving(release: release, instance: instance.id, step: .draining, stepSince: now))
        }
    }

    /// Those that leave still count until they are told to end; while nobody could be named, the fleet stays as it is.
    private func fleetSize(of release: ReleaseNumber, to size: Int) -> FleetSize {
        let leavers = state.leaving.filter { $0.release == release }
        let ending = leavers.filter { $0.step == .ending }
        let isUndecided = !observation.isRouterReachable && staying(in: release).count > size
        let stay = isUndecided ? max(size, staying(in: release).count) : size
        return FleetSize(release: release, size: stay + leavers.count - ending.count, ending: Set(ending.map(\.instance)))
    }

    /// Those that were to leave and have not been told to end may stay as well.
    private mutating func takeBack(_ number: Int, of release: ReleaseNumber) {
        var left = number
        state.leaving.removeAll { leaver in
            guard left > 0, leaver.release == release, leaver.step == .draining else { return false }
            left -= 1
            return true
        }
    }

    /// Those that serve nobody first; then the youngest, which have the coldest caches.
    private func leastUseful(in release: ReleaseNumber) -> [InstanceObservation] {
        staying(in: release).enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            if (first.health == .up) != (second.health == .up) { return first.health != .up }
            return first.startedAt == second.startedAt ? left.offset > right.offset : first.startedAt > second.startedAt
        }.map(\.element)
    }
}
