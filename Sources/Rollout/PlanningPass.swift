import IngotModel

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
    /// The hooks that are to have run.
    var wanted: Set<HookRun> = []
    /// The generation that the target had when the pass began. A rollout that is accepted takes the next one at once,
    /// so that its number is its own even when its first target is no other than the last.
    let firstGeneration: Generation
    /// The phase in which the rollout was when the pass began, with its number.
    private let firstPhase: (number: Generation, phase: RolloutPhase)?

    init(state: EnvironmentState, releases: [ReleaseNumber: ReleaseFacts], observation: Observation, now: Timestamp) {
        self.state = state
        self.releases = releases
        self.observation = observation
        self.now = now
        firstGeneration = state.target.generation
        firstPhase = state.rollout.map { ($0.number, $0.phase) }
    }

    // MARK: What is known

    func facts(of release: ReleaseNumber) -> ReleaseFacts { releases[release] ?? .unknown }

    /// How many instances a release has when it serves alone.
    func fullSize(of release: ReleaseNumber) -> Int { state.scale ?? facts(of: release).instances }

    func path(of rollout: RolloutProgress) -> RolloutPath {
        let facts = facts(of: rollout.release)
        return RolloutPath(
            rollout.from == nil ? .blueGreen : facts.strategy, size: fullSize(of: rollout.release), soak: facts.timing.soak,
            isStraight: rollout.request.kind == .rollback)
    }

    func step(of rollout: RolloutProgress) -> RolloutPath.Step { path(of: rollout)[rollout.course.step] }
    func isAtLastStep(_ rollout: RolloutProgress) -> Bool { path(of: rollout).isLast(rollout.course.step) }

    /// Whether the rollout ends the old release before it starts the new one, and there is an old one. One that was given up before it
    /// began has ended nobody, and goes back like any other.
    func isRecreate(_ rollout: RolloutProgress) -> Bool {
        guard rollout.from != nil, facts(of: rollout.release).strategy == .recreate else { return false }
        return !rollout.isReturning || rollout.course.begunAt != nil
    }

    /// Whether instances of the old and the new release trade places, and there is an old one.
    func rolling(_ rollout: RolloutProgress) -> RollingUpdate? {
        guard rollout.from != nil, case .rolling(let update) = facts(of: rollout.release).strategy else { return nil }
        return update
    }

    /// The releases that the rollout takes the traffic from.
    func replaced(by rollout: RolloutProgress) -> [ReleaseNumber] { rollout.course.others + [rollout.from].compactMap { $0 } }

    /// Whether no fleet but this one has instances, or is to have some, or can still get some by a call of before this phase.
    func isAlone(_ release: ReleaseNumber) -> Bool { fleetsBeside(release).isEmpty && isEngineCurrent }

    private var isEngineCurrent: Bool {
        guard let fence = observation.engineGeneration, let rollout = state.rollout else { return true }
        return fence >= firstGeneration && firstPhase.map { $0 == (rollout.number, rollout.phase) } ?? false
    }

    func fleetsBeside(_ release: ReleaseNumber) -> [FleetObservation] {
        observation.fleets.filter { $0.release != release && !$0.isGone }
    }

    /// Whether all traffic was last asked to go to a release; the router may not have carried it out yet.
    func hasTraffic(_ release: ReleaseNumber) -> Bool { state.target.split == .all(to: release) }

    // MARK: Words

    /// A wait that ends by itself.
    mutating func wait(for what: String, hindrance: String? = nil, until: Timestamp, otherwise: String) {
        awaiting.append(Awaited(what: what, hindrance: hindrance, until: until, otherwise: otherwise))
        deadlines.append(until)
    }

    /// A wait that something else has to end.
    mutating func wait(for what: String, hindrance: String? = nil, endedBy ender: Awaited.Ender) {
        awaiting.append(Awaited(what: what, hindrance: hindrance, ender: ender))
    }

    func hindrance(in fleet: FleetObservation) -> String? {
        guard observation.isRouterReachable else { return "the router can't be reached" }
        let checks = fleet.instances.filter { $0.health != .up }.compactMap(\.checkResult)
        return fleet.startError ?? fleet.lastFailure ?? checks.first
    }
}

extension ReleaseFacts {
    /// For a release that the caller did not give: a fleet that was found and that nobody named. It is drained as long as by default, and ended.
    static let unknown = ReleaseFacts(
        instances: 1, strategy: .blueGreen, timing: RolloutTiming(soak: 0, progressDeadline: 0, drain: .seconds(30), warm: 0))
}

extension FleetObservation {
    /// Whether nothing of it is left, and nothing is to come.
    var isGone: Bool { size == 0 && instances.isEmpty }
}

func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
