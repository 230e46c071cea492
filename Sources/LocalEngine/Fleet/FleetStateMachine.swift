import Engine
import IngotModel

/// Which instances there are, and which are started or ended next: all decisions of the engine, and no effect.
///
/// Each mutating function is an event and returns what is to be done about it. `now` is the time since the engine
/// began, which never goes back; `Timestamp`s are only kept for people.
struct FleetStateMachine: Sendable {
    struct Instance: Hashable, Sendable {
        enum Phase: Hashable, Sendable {
            case starting
            case running(since: Duration)
            /// `deadline` is when the supervisor has had its time; `nil` while there is none to be told yet.
            case ending(deadline: Duration?)
        }
        var launch: Launch
        var phase: Phase
        var round: Int
        /// The order in which instances were started or adopted.
        var order: Int

        var isEnding: Bool { if case .ending = phase { true } else { false } }
        var isRunning: Bool { if case .running = phase { true } else { false } }
    }

    struct Fleet: Sendable {
        var specification: FleetSpecification
        var size: Int
        var generation: Generation
        var backoff = Backoff()
        var failures = 0
        var lastFailure: String?
        var startError: String?
        /// For an instance outside every environment: it is not replaced, and the fleet stays on record, with the way it
        /// ended, until this time or until somebody ends it.
        var throwawayUntil: Duration?
    }

    private(set) var fleets: [FleetID: Fleet] = [:]
    private(set) var instances: [InstanceID: Instance] = [:]
    /// The newest generation that was carried out, for each environment.
    private(set) var generations: [EnvironmentID: Generation] = [:]
    private(set) var addresses: AddressAllocator
    private var roster = FleetRoster()
    private var random: any RandomNumberGenerator & Sendable
    private var started = 0

    init(range: AddressRange, random: any RandomNumberGenerator & Sendable) {
        addresses = AddressAllocator(range: range)
        self.random = random
    }

    // MARK: Events

    /// Somebody wants the fleet to have `size` instances, and where it gets smaller but stays, nobody to end but those in `ending`.
    mutating func resize(
        _ specification: FleetSpecification, to size: Int, ending: Set<InstanceID>? = nil, generation: Generation, at moment: Moment
    ) throws(EngineError) -> [EngineAction] {
        guard (0...EngineLimits.instances).contains(size) else { throw .impossibleSize(size, of: specification.fleet) }
        try fence(specification.fleet.environment, generation: generation)
        let id = specification.fleet
        defer { note(id) }
        let named = ending.map { ending in members(of: id).filter { !$0.isEnding && ending.contains($0.launch.id) } }
        let size = named.map { max(size, members(of: id).count { !$0.isEnding } - $0.count) } ?? size
        guard size > 0 || fleets[id] != nil else { return [] }
        fleets[id, default: Fleet(specification: specification, size: 0, generation: generation)].size = size
        fleets[id]?.specification = specification
        fleets[id]?.generation = generation
        return (named ?? []).flatMap { end($0, at: moment) } + settle(id, at: moment)
    }

    /// Nothing older is carried out from now on.
    mutating func fence(_ environment: EnvironmentID, generation: Generation) throws(EngineError) {
        if let newest = generations[environment], generation < newest {
            throw .staleGeneration(generation, newest: newest, of: environment)
        }
        generations[environment] = generation
    }

    /// Somebody wants one instance outside every environment. It is not replaced, and ends after `lifetime` at the latest.
    mutating func startThrowaway(_ specification: FleetSpecification, lifetime: Duration, at moment: Moment) -> [EngineAction] {
        var fleet = Fleet(specification: specification, size: 1, generation: Generation(0))
        fleet.throwawayUntil = moment.elapsed + lifetime
        fleets[specification.fleet] = fleet
        defer { note(specification.fleet) }
        return settle(specification.fleet, at: moment)
    }

    /// Nobody needs it any more.
    mutating func endThrowaway(_ id: FleetID, at moment: Moment) -> [EngineAction] {
        fleets[id]?.throwawayUntil = nil
        fleets[id]?.size = 0
        defer { note(id) }
        return settle(id, at: moment)
    }

    /// An instance of an earlier life of the daemon runs. Its fleet is taken to be meant as large as what is found of it.
    mutating func adopt(_ adoption: Adoption, at moment: Moment) {
        let id = adoption.specification.fleet
        let launch = Launch(
            id: adoption.id, address: adoption.address, specification: adoption.specification, generation: adoption.generation,
            decidedAt: adoption.startedAt)
        let phase: Instance.Phase =
            adoption.isEnding
            ? .ending(deadline: moment.elapsed + Self.stopTime(of: adoption.specification)) : .running(since: moment.elapsed)
        fleets[id, default: Fleet(specification: adoption.specification, size: 0, generation: adoption.generation)].size +=
            adoption.isEnding ? 0 : 1
        generations[id.environment] = max(generations[id.environment] ?? adoption.generation, adoption.generation)
        addresses.reserve(adoption.address)
        started += 1
        add(Instance(launch: launch, phase: phase, round: 0, order: started))
        note(id)
    }

    /// The container of an instance runs. If it was told to end meanwhile, its supervisor is told now.
    mutating func instanceRuns(_ id: InstanceID, at moment: Moment) -> [EngineAction] {
        guard let instance = instances[id] else { return [] }
        defer { note(instance.launch.fleet) }
        guard instance.isEnding else {
            instances[id]?.phase = .running(since: moment.elapsed)
            fleets[instance.launch.fleet]?.startError = nil
            return []
        }
        instances[id]?.phase = .ending(deadline: moment.elapsed + Self.stopTime(of: instance.launch.specification))
        return [.stop(id)]
    }

    /// The engine could not start an instance for a reason that is not the release's own.
    mutating func instanceDidNotStart(_ id: InstanceID, because reason: String, at moment: Moment) -> [EngineAction] {
        guard let instance = remove(id) else { return [] }
        defer { note(instance.launch.fleet) }
        guard !instance.isEnding else { return settle(instance.launch.fleet, at: moment) }
        fleets[instance.launch.fleet]?.startError = reason
        fleets[instance.launch.fleet]?.lastFailure = reason
        return failed(instance, at: moment)
    }

    /// An instance has ended. Those that were not told to are failures, and are replaced.
    mutating func instanceEnded(_ id: InstanceID, how: String, at moment: Moment) -> [EngineAction] {
        guard let instance = remove(id) else { return [] }
        defer { note(instance.launch.fleet) }
        guard !instance.isEnding else { return settle(instance.launch.fleet, at: moment) }
        fleets[instance.launch.fleet]?.failures += 1
        fleets[instance.launch.fleet]?.lastFailure = how
        return failed(instance, at: moment)
    }

    /// Some time has passed: `nextDeadline` at least. Looks at the fleets for which there is something to do, and at no other.
    mutating func timePassed(_ moment: Moment) -> [EngineAction] { roster.due(moment.elapsed).flatMap { timePassed($0, moment) } }

    private mutating func timePassed(_ id: FleetID, _ moment: Moment) -> [EngineAction] {
        defer { note(id) }
        let isExpired = fleets[id]?.throwawayUntil.map { moment.elapsed >= $0 } ?? false
        let ended = isExpired ? endThrowaway(id, at: moment) : []
        let overdue = members(of: id).filter { Self.deadline(of: $0).map { moment.elapsed >= $0 } ?? false }
        for instance in overdue { instances[instance.launch.id]?.phase = .ending(deadline: nil) }
        return ended + overdue.map { .kill($0.launch.id) } + settle(id, at: moment)
    }

    // MARK: Questions

    /// When `timePassed` has something to do; `nil` when nothing is waited for.
    var nextDeadline: Duration? { roster.nextDeadline }

    /// The environments in which `timePassed` has something to do at this moment.
    func environmentsDue(_ moment: Moment) -> Set<EnvironmentID> { Set(roster.due(moment.elapsed).map(\.environment)) }

    /// Whether an instance that is being started is still wanted.
    func isWanted(_ id: InstanceID) -> Bool { instances[id].map { !$0.isEnding } ?? false }

    func status(of id: FleetID) -> FleetStatus? {
        guard let fleet = fleets[id] else { return nil }
        let members = members(of: id).sorted { $0.order < $1.order }
        return FleetStatus(
            fleet: id, size: fleet.size, instances: members.map(Self.status(of:)), failures: fleet.failures,
            lastFailure: fleet.lastFailure, startError: fleet.startError)
    }

    func statuses(of environment: EnvironmentID) -> [FleetStatus] {
        roster.fleets(of: environment).sorted().compactMap(status(of:))
    }

    // MARK: Deciding

    /// Brings a fleet towards its size: ends those beyond it, or starts what is missing unless a pause forbids it.
    private mutating func settle(_ id: FleetID, at moment: Moment) -> [EngineAction] {
        guard let fleet = fleets[id] else { return [] }
        let staying = members(of: id).filter { !$0.isEnding }
        if staying.count > fleet.size {
            return Self.firstToEnd(staying, count: staying.count - fleet.size).flatMap { end($0, at: moment) }
        }
        if fleet.size == 0, fleet.throwawayUntil == nil, members(of: id).isEmpty {
            fleets[id] = nil
            return []
        }
        guard fleet.backoff.isOver(moment.elapsed) else { return [] }
        var starts: [EngineAction] = []
        while starts.count < fleet.size - staying.count, let start = start(in: id, at: moment) { starts.append(start) }
        return starts
    }

    /// Those that do not run yet go first, they serve nobody; then the youngest, which have the fewest connections and
    /// the coldest caches. What the router thinks of them is not known here.
    private static func firstToEnd(_ staying: [Instance], count: Int) -> ArraySlice<Instance> {
        staying.sorted { left, right in
            left.isRunning == right.isRunning ? left.order > right.order : !left.isRunning
        }.prefix(count)
    }

    private mutating func end(_ instance: Instance, at moment: Moment) -> [EngineAction] {
        let id = instance.launch.id
        guard instance.isRunning else {
            instances[id]?.phase = .ending(deadline: nil)
            return []
        }
        instances[id]?.phase = .ending(deadline: moment.elapsed + Self.stopTime(of: instance.launch.specification))
        return [.stop(id)]
    }

    private mutating func start(in id: FleetID, at moment: Moment) -> EngineAction? {
        guard let fleet = fleets[id] else { return nil }
        guard instances.count < EngineLimits.instances, let address = addresses.take() else {
            fleets[id]?.startError = EngineError.noRoom(in: addresses).message
            fleets[id]?.backoff.instanceFailed(round: fleet.backoff.round, life: .zero, now: moment.elapsed)
            return nil
        }
        let launch = Launch(
            id: freshID(), address: address, specification: fleet.specification, generation: fleet.generation,
            decidedAt: moment.timestamp)
        started += 1
        add(Instance(launch: launch, phase: .starting, round: fleet.backoff.round, order: started))
        return .start(launch)
    }

    private mutating func failed(_ instance: Instance, at moment: Moment) -> [EngineAction] {
        let id = instance.launch.fleet
        var life = Duration.zero
        if case .running(let since) = instance.phase { life = moment.elapsed - since }
        fleets[id]?.backoff.instanceFailed(round: instance.round, life: life, now: moment.elapsed)
        if fleets[id]?.throwawayUntil != nil { fleets[id]?.size = 0 }
        return settle(id, at: moment)
    }

    // MARK: Small parts

    private func members(of id: FleetID) -> [Instance] { roster.instances(of: id).compactMap { instances[$0] } }

    /// Keeps the roster true after an event of a fleet.
    private mutating func note(_ id: FleetID) {
        let members = members(of: id)
        let missing = (fleets[id]?.size ?? 0) - members.count { !$0.isEnding }
        let pause = missing > 0 ? fleets[id]?.backoff.notBefore : nil
        let deadlines = [pause, fleets[id]?.throwawayUntil].compactMap { $0 } + members.compactMap(Self.deadline(of:))
        roster.note(id, exists: fleets[id] != nil, deadline: deadlines.min())
    }

    private mutating func add(_ instance: Instance) {
        instances[instance.launch.id] = instance
        roster.add(instance.launch.id, to: instance.launch.fleet)
    }

    private mutating func remove(_ id: InstanceID) -> Instance? {
        guard let instance = instances.removeValue(forKey: id) else { return nil }
        roster.remove(id, from: instance.launch.fleet)
        addresses.free(instance.launch.address)
        return instance
    }

    private mutating func freshID() -> InstanceID {
        while true {
            let id = InstanceID(random: random.next())
            if instances[id] == nil { return id }
        }
    }

    private static func stopTime(of specification: FleetSpecification) -> Duration {
        (specification.run.stopGrace + EngineLimits.stopBeyondGrace).duration
    }

    private static func deadline(of instance: Instance) -> Duration? {
        if case .ending(let deadline) = instance.phase { deadline } else { nil }
    }

    private static func status(of instance: Instance) -> InstanceStatus {
        InstanceStatus(
            id: instance.launch.id,
            endpoint: Endpoint(address: "\(instance.launch.address)", port: instance.launch.specification.run.port),
            readiness: instance.launch.specification.run.readiness, startedAt: instance.launch.decidedAt,
            isEnding: instance.isEnding)
    }
}

/// One moment by both clocks.
struct Moment: Hashable, Sendable {
    /// Since the engine began; never goes back.
    var elapsed: Duration
    var timestamp: Timestamp
}
