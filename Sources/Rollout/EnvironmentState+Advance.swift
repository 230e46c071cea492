public import IngotModel

/// How often a fleet's instances may end by themselves before a rollout gives up on it: once may be
/// noise; three times the same image with the same configuration will not do better the fourth time.
public let failuresBeforeGivingUp = 3

extension EnvironmentState {
    /// Looks once at everything and decides what is to be now.
    ///
    /// It is level-triggered: it may be called at any time, with any observation, as often as one likes;
    /// calling it again with the same input changes nothing more.
    ///
    /// - Parameters:
    ///   - request: a wish that has not been taken up yet; the newest one wins.
    ///   - releases: every release that this state names, and the requested one.
    ///   - observation: what the engine and the router say.
    ///   - now: the wall clock.
    public mutating func advance(
        request: RolloutRequest? = nil, releases: [ReleaseNumber: ReleaseFacts], observation: Observation, now: Timestamp
    ) -> Plan {
        var pass = PlanningPass(state: self, releases: releases, observation: observation, now: now)
        if let request { pass.accept(request) }
        // A phase may be over as soon as it begins (a warm fleet is healthy at once); each turn moves forward, so this ends.
        while pass.advanceRollout() {}
        pass.advanceRetirements()
        let plan = pass.plan()
        self = pass.state
        return plan
    }

    /// Every release whose facts `advance` needs.
    public var namedReleases: Set<ReleaseNumber> {
        Set([serving, stable, rollout?.from, rollout?.release].compactMap { $0 } + retiring.map(\.release))
    }
}

/// One look at an environment. It holds what it was given and what it has decided so far.
struct PlanningPass {
    var state: EnvironmentState
    let releases: [ReleaseNumber: ReleaseFacts]
    let observation: Observation
    let now: Timestamp
    var decided: [String] = []
    var awaiting: [Awaited] = []
    var finished: [FinishedRollout] = []
    var deadlines: [Timestamp] = []

    init(state: EnvironmentState, releases: [ReleaseNumber: ReleaseFacts], observation: Observation, now: Timestamp) {
        self.state = state
        self.releases = releases
        self.observation = observation
        self.now = now
    }

    // MARK: Taking up a request

    mutating func accept(_ request: RolloutRequest) {
        if let running = state.rollout {
            guard running.request != request else { return }
            supersede(running, by: request)
        }
        let from = state.serving
        // A generation of its own, also for a rollout that changes nothing, so that its number is never another's.
        state.target.generation = state.target.generation.next
        guard from != request.release else {
            decided.append("release \(request.release) already has the traffic")
            let progress = progress(for: request, from: from)
            finished.append(FinishedRollout(progress: progress, outcome: .succeeded, at: now))
            return
        }
        state.retiring.removeAll { $0.release == request.release }
        state.rollout = progress(for: request, from: from)
        decided.append("\(request.kind.rawValue) release \(request.release)\(from.map { " in place of release \($0)" } ?? "")")
        if facts(of: request.release).strategy == .recreate, from != nil {
            enter(.emptying, because: "drain and end the old release first: recreate")
        }
    }

    private func progress(for request: RolloutRequest, from: ReleaseNumber?) -> RolloutProgress {
        RolloutProgress(
            request: request, number: state.target.generation, from: from, phase: .starting, phaseSince: now,
            switchDecidedAt: nil, switchedAt: nil, failuresBeforeTraffic: 0, leastHealthy: nil)
    }

    /// Ends a running rollout in favour of a newer one. Whoever has the traffic keeps it until the newer one is ready.
    private mutating func supersede(_ running: RolloutProgress, by request: RolloutRequest) {
        let left: ReleaseNumber?
        switch running.phase {
        case .switching, .soaking:
            state.serving = running.release
            left = running.from
        case .emptying, .starting, .returning:
            left = running.release
        }
        if let left, left != request.release { retire(left, notBefore: now) }
        state.rollout = nil
        finished.append(FinishedRollout(progress: running, outcome: .superseded(by: request.release), at: now))
        decided.append("the rollout of release \(running.release) gives way to release \(request.release)")
    }

    // MARK: Moving on

    /// Takes the rollout one phase further; `false` when it waits or there is none.
    mutating func advanceRollout() -> Bool {
        guard var rollout = state.rollout else { return false }
        if let split = observation.split, !split.shares.isEmpty {
            let healthy = split.shares.keys.reduce(0) { $0 + observation.fleet($1).healthy }
            rollout.leastHealthy = min(rollout.leastHealthy ?? healthy, healthy)
            state.rollout = rollout
        }
        switch rollout.phase {
        case .emptying: return advanceEmptying(rollout)
        case .starting: return advanceStarting(rollout)
        case .switching: return advanceSwitching(rollout)
        case .soaking: return advanceSoaking(rollout)
        case .returning: return advanceReturning(rollout)
        }
    }

    private mutating func advanceEmptying(_ rollout: RolloutProgress) -> Bool {
        guard let from = rollout.from else {
            enter(.starting, because: "there is no old release")
            return true
        }
        guard observation.fleet(from).instances.isEmpty, observation.fleet(from).size == 0 else {
            let fleet = observation.fleet(from)
            let until = rollout.phaseSince + facts(of: from).timing.drain
            wait(
                for: "\(count(fleet.instances.count, "instance")) of release \(from) to drain and end",
                hindrance: fleet.requestsInFlight > 0 ? "\(count(fleet.requestsInFlight, "request")) in flight" : nil,
                until: now < until ? until : nil, otherwise: "the rest is cut")
            return false
        }
        enter(.starting, because: "release \(from) has ended")
        return true
    }

    private mutating func advanceStarting(_ rollout: RolloutProgress) -> Bool {
        let fleet = observation.fleet(rollout.release)
        let needed = facts(of: rollout.release).instances
        let deadline = rollout.request.acceptedAt + facts(of: rollout.release).timing.progressDeadline
        if let error = fleet.startError { return giveUp("no instance of release \(rollout.release) can start: \(error)") }
        if fleet.failures >= failuresBeforeGivingUp {
            let last = fleet.lastFailure.map { "; the last one: \($0)" } ?? ""
            return giveUp("instances of release \(rollout.release) ended by themselves \(fleet.failures) times\(last)")
        }
        let isHealthy = fleet.healthy >= needed && observation.isRouterReachable
        guard isHealthy else {
            let hindrance = hindrance(in: fleet)
            guard now < deadline else {
                let why = hindrance.map { " (\($0))" } ?? ""
                let allowed = facts(of: rollout.release).timing.progressDeadline
                return giveUp("only \(fleet.healthy) of \(count(needed, "instance")) of release \(rollout.release) were healthy after \(allowed)\(why)")
            }
            wait(
                for: "\(fleet.healthy) of \(count(needed, "instance")) of release \(rollout.release) healthy", hindrance: hindrance,
                until: deadline, otherwise: "the rollout goes back")
            return false
        }
        state.rollout?.failuresBeforeTraffic = fleet.failures
        state.rollout?.switchDecidedAt = now
        enter(.switching, because: "all \(count(needed, "instance")) of release \(rollout.release) are healthy: traffic moves")
        return true
    }

    private mutating func advanceSwitching(_ rollout: RolloutProgress) -> Bool {
        guard observation.split == .all(to: rollout.release) else {
            let deadline = rollout.phaseSince + facts(of: rollout.release).timing.progressDeadline
            guard now < deadline else { return giveUp("the router did not move the traffic to release \(rollout.release)") }
            wait(
                for: "the router to send all traffic to release \(rollout.release)",
                hindrance: observation.isRouterReachable ? nil : "the router can't be reached",
                until: deadline, otherwise: "the rollout goes back")
            return false
        }
        state.rollout?.switchedAt = now
        enter(.soaking, because: "the router sends all traffic to release \(rollout.release)")
        return true
    }

    private mutating func advanceSoaking(_ rollout: RolloutProgress) -> Bool {
        let fleet = observation.fleet(rollout.release)
        if rollout.request.kind == .deploy, observation.isRouterReachable {
            if fleet.healthy == 0 {
                return giveUp("no instance of release \(rollout.release) is healthy any more\(hindrance(in: fleet).map { ": \($0)" } ?? "")")
            }
            if fleet.failures - rollout.failuresBeforeTraffic >= failuresBeforeGivingUp {
                let last = fleet.lastFailure.map { "; the last one: \($0)" } ?? ""
                return giveUp("instances of release \(rollout.release) keep ending under traffic\(last)")
            }
        }
        // The soak counts from the moment traffic had moved; a rollback needs none, its release was proved before.
        let soak = rollout.request.kind == .deploy ? facts(of: rollout.release).timing.soak : 0
        let soaked = rollout.phaseSince + soak
        guard now >= soaked else {
            wait(for: "release \(rollout.release) to stay healthy under traffic for \(soak)", until: soaked, otherwise: "the rollout has succeeded")
            return false
        }
        if let from = rollout.from, !isDrained(from, since: rollout.phaseSince) {
            wait(
                for: "\(count(observation.fleet(from).requestsInFlight, "request")) of release \(from) to end",
                until: rollout.phaseSince + facts(of: from).timing.drain, otherwise: "the rest is cut")
            return false
        }
        state.serving = rollout.release
        state.stable = rollout.release
        finish(.succeeded)
        decided.append("release \(rollout.release) has succeeded")
        if let from = rollout.from, facts(of: rollout.release).strategy != .recreate {
            retire(from, notBefore: (rollout.switchedAt ?? now) + facts(of: rollout.release).timing.warm)
        }
        return false
    }

    private mutating func advanceReturning(_ rollout: RolloutProgress) -> Bool {
        guard case .returning(let reason) = rollout.phase else { return false }
        if let from = rollout.from {
            let fleet = observation.fleet(from)
            let deadline = rollout.phaseSince + facts(of: from).timing.progressDeadline
            // An old fleet that is broken too must not hold up the end; the split points at it all the same.
            guard (fleet.healthy > 0 && observation.split == .all(to: from)) || now >= deadline else {
                wait(
                    for: "release \(from) to have the traffic again", hindrance: hindrance(in: fleet), until: deadline,
                    otherwise: "the rollout ends with the split on release \(from) all the same")
                return false
            }
        } else if observation.split != .empty, observation.isRouterReachable {
            wait(for: "the router to take the traffic from release \(rollout.release)")
            return false
        }
        finish(.returned(reason: reason))
        decided.append(rollout.from.map { "release \($0) has the traffic again" } ?? "nothing runs: there is no release to go back to")
        retire(rollout.release, notBefore: now)
        return false
    }

    private mutating func giveUp(_ reason: String) -> Bool {
        enter(.returning(reason: reason), because: reason)
        return true
    }

    private mutating func enter(_ phase: RolloutPhase, because reason: String) {
        state.rollout?.phase = phase
        state.rollout?.phaseSince = now
        decided.append(reason)
    }

    private mutating func finish(_ outcome: RolloutOutcome) {
        guard let progress = state.rollout else { return }
        finished.append(FinishedRollout(progress: progress, outcome: outcome, at: now))
        state.rollout = nil
    }

    // MARK: Ending old fleets

    private mutating func retire(_ release: ReleaseNumber, notBefore: Timestamp) {
        guard !state.retiring.contains(where: { $0.release == release }) else { return }
        state.retiring.append(Retirement(release: release, notBefore: notBefore, step: .warm, stepSince: now))
    }

    mutating func advanceRetirements() {
        // Whoever has traffic, or is about to, does not retire.
        let wanted = Set([state.serving, state.rollout?.release, state.rollout?.from].compactMap { $0 })
        state.retiring = state.retiring.filter { !wanted.contains($0.release) }.compactMap { advanced($0) }
    }

    /// A retirement after this pass; `nil` once its fleet is gone.
    private mutating func advanced(_ retirement: Retirement) -> Retirement? {
        let fleet = observation.fleet(retirement.release)
        switch retirement.step {
        case .warm:
            guard now >= retirement.notBefore else {
                wait(for: "release \(retirement.release), kept warm", until: retirement.notBefore, otherwise: "it ends")
                return retirement
            }
            return advanced(moved(retirement, to: .draining))
        case .draining:
            if hasDrained(fleet) {
                decided.append("release \(fleet.release) has no request in flight: its instances end")
                return advanced(moved(retirement, to: .ending))
            }
            let deadline = retirement.stepSince + facts(of: fleet.release).timing.drain
            guard now < deadline else {
                decided.append("release \(fleet.release) has had its time to drain: \(count(fleet.requestsInFlight, "request")) are cut")
                return advanced(moved(retirement, to: .cutting))
            }
            wait(for: "\(count(fleet.requestsInFlight, "request")) of release \(fleet.release) to end", until: deadline, otherwise: "the rest is cut")
            return retirement
        case .cutting:
            let deadline = retirement.stepSince + cutPatience
            if hasDrained(fleet) || now >= deadline { return advanced(moved(retirement, to: .ending)) }
            wait(for: "the router to cut the last requests of release \(fleet.release)", until: deadline, otherwise: "its instances end all the same")
            return retirement
        case .ending:
            guard !fleet.instances.isEmpty || fleet.size > 0 else { return nil }
            wait(for: "\(count(fleet.instances.count, "instance")) of release \(fleet.release) to end")
            return retirement
        }
    }

    private func moved(_ retirement: Retirement, to step: Retirement.Step) -> Retirement {
        Retirement(release: retirement.release, notBefore: retirement.notBefore, step: step, stepSince: now)
    }

    /// Whether a fleet can end without anybody noticing: the router says that it has no request and gets none.
    private func hasDrained(_ fleet: FleetObservation) -> Bool {
        fleet.instances.isEmpty || (observation.isRouterReachable && isOutOfTraffic(fleet) && fleet.requestsInFlight == 0)
    }

    /// How long the router may take to close connections before an instance is ended with them open.
    private var cutPatience: Milliseconds { .seconds(5) }

    /// Whether the split in force gives a fleet nothing and the router says that it drains.
    private func isOutOfTraffic(_ fleet: FleetObservation) -> Bool {
        observation.split?[fleet.release] == BasisPoints.none
            && fleet.instances.allSatisfy { $0.health == .draining || $0.health == .ending || $0.health == .starting }
    }

    private func isDrained(_ release: ReleaseNumber, since: Timestamp) -> Bool {
        observation.fleet(release).requestsInFlight == 0 || now >= since + facts(of: release).timing.drain
    }

    // MARK: The target

    /// What the state that was reached asks of the engine and the router.
    mutating func plan() -> Plan {
        var sizes: [ReleaseNumber: Int] = [:]
        var draining: Set<ReleaseNumber> = []
        var cutting: Set<ReleaseNumber> = []
        var split = state.serving.map { Split.all(to: $0) } ?? .empty
        if let serving = state.serving { sizes[serving] = facts(of: serving).instances }
        if let rollout = state.rollout {
            addRollout(rollout, to: &sizes, &draining, &cutting, &split)
        }
        for retirement in state.retiring {
            sizes[retirement.release] = retirement.step == .ending ? 0 : observation.fleet(retirement.release).size
            draining.insert(retirement.release)
            if retirement.step == .cutting { cutting.insert(retirement.release) }
        }
        var target = EnvironmentTarget(
            generation: state.target.generation,
            sizes: sizes.filter { $0.value > 0 }.map { FleetSize(release: $0.key, size: $0.value) }.sorted { $0.release < $1.release },
            split: split, draining: draining, cutting: cutting)
        if target != state.target {
            target.generation = target.generation.next
            state.target = target
        }
        return Plan(
            target: target, decided: decided, awaiting: awaiting, finished: finished, wakeAt: deadlines.filter { $0 > now }.min())
    }

    private func addRollout(
        _ rollout: RolloutProgress, to sizes: inout [ReleaseNumber: Int], _ draining: inout Set<ReleaseNumber>,
        _ cutting: inout Set<ReleaseNumber>, _ split: inout Split
    ) {
        let isRecreate = facts(of: rollout.release).strategy == .recreate
        let newSize = facts(of: rollout.release).instances
        switch rollout.phase {
        case .emptying:
            split = .empty
            guard let from = rollout.from else { return }
            draining.insert(from)
            let isOver = now >= rollout.phaseSince + facts(of: from).timing.drain
            let wasEnded = state.target.size(of: from) == 0 && state.target.draining.contains(from)
            sizes[from] = isOver || hasDrained(observation.fleet(from)) || wasEnded ? 0 : facts(of: from).instances
            if isOver { cutting.insert(from) }
        case .starting:
            sizes[rollout.release] = newSize
            if isRecreate, let from = rollout.from {
                sizes[from] = 0
                split = .empty
            }
        case .switching, .soaking:
            sizes[rollout.release] = newSize
            split = .all(to: rollout.release)
            guard let from = rollout.from else { return }
            if isRecreate { sizes[from] = 0 }
            draining.insert(from)
            if rollout.phase == .soaking, now >= rollout.phaseSince + facts(of: from).timing.drain { cutting.insert(from) }
        case .returning:
            sizes[rollout.release] = isRecreate ? 0 : observation.fleet(rollout.release).size
            draining.insert(rollout.release)
        }
    }

    // MARK: Words

    private mutating func wait(for what: String, hindrance: String? = nil, until: Timestamp? = nil, otherwise: String? = nil) {
        awaiting.append(Awaited(what: what, hindrance: hindrance, until: until, otherwise: until == nil ? nil : otherwise))
        if let until { deadlines.append(until) }
    }

    private func hindrance(in fleet: FleetObservation) -> String? {
        guard observation.isRouterReachable else { return "the router can't be reached" }
        let checks = fleet.instances.filter { $0.health != .up }.compactMap(\.checkResult)
        return fleet.lastFailure ?? checks.first
    }

    private func facts(of release: ReleaseNumber) -> ReleaseFacts {
        // A release that the caller did not give is a bug of the caller; the planner goes on with one instance
        // and no patience, which ends in a return and not in a crash of the daemon.
        assert(releases[release] != nil, "advance was not given the facts of release \(release)")
        return releases[release]
            ?? ReleaseFacts(
                instances: 1, strategy: .blueGreen,
                timing: RolloutTiming(soak: 0, progressDeadline: 0, drain: 0, warm: 0))
    }
}

func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
