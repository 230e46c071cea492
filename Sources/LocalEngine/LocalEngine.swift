public import ContainerRuntime
public import Engine
public import ImageStore
public import IngotModel
public import Logging
import Synchronization
public import SystemPackage

/// Fleets as containers on this machine.
///
/// Each instance is held by a supervisor process that outlives the engine: when a new engine is made on the same folder,
/// it takes up what runs. What carries this engine's name and belongs to no instance is ended; see `orphans`.
///
/// What happens next is decided by `FleetStateMachine`; this class tells it events and carries out its actions.
public final class LocalEngine: Engine {
    let folder: EngineFolder
    let store: ImageStore
    let runtime: OCIRuntime
    let supervisorProgram: SupervisorProgram
    let secrets: any SecretSource
    let starts: (any StartPermission)?
    let clock: EngineClock
    let logger: Logger
    let host: HostSettings
    let seccomp: SeccompProfile
    let firewall: Firewall
    let netfilter: NetfilterSession

    let state: Mutex<FleetStateMachine>
    let supervisors = Mutex<[InstanceID: SupervisorProcess]>([:])
    let firewallEntries = Mutex<[InstanceID: FirewallEntry]>([:])
    let ended = Mutex(EndedInstances())
    /// What throwaway instances had written when they got ready.
    let beginnings = Mutex<[InstanceID: WriteObservation]>([:])
    /// Whether the engine's parts on this machine were taken away, so that nothing puts them up again.
    let isRemoved = Mutex(false)
    let images = Mutex<[Digest: Image]>([:])
    let users = Mutex<[UserKey: ContainerUser]>([:])
    let changeStreams = ChangeStreams()

    private let actions: AsyncStream<EngineAction>
    private let actionContinuation: AsyncStream<EngineAction>.Continuation
    private let deadlines: AsyncStream<Duration?>
    private let deadlineContinuation: AsyncStream<Duration?>.Continuation

    /// The range from which instances get their addresses.
    public let addressRange: AddressRange
    /// What nobody owned when this engine was made, and was ended.
    public let orphans: [Orphan]

    /// Takes up what runs, and begins to watch it. New instances are started once `run()` is called.
    ///
    /// - Parameters:
    ///   - folder: everything the engine keeps; made if it does not exist.
    ///   - supervisor: the executable `ingot-supervisor`.
    ///   - starts: asked before each start; `nil` where everything may.
    ///   - addressRange: where instances get their addresses; a private range that nothing here uses when `nil`.
    /// - Throws: `EngineError` when the folder, the firewall or the address range can't be had.
    public init(
        folder: FilePath, store: ImageStore, runtime: OCIRuntime, supervisor: FilePath, secrets: any SecretSource,
        starts: (any StartPermission)? = nil, addressRange: AddressRange? = nil, clock: EngineClock = .system,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(), logger: Logger
    ) throws {
        var random = random
        self.folder = EngineFolder(path: folder)
        self.store = store
        self.runtime = runtime
        self.secrets = secrets
        self.starts = starts
        self.clock = clock
        self.logger = logger
        supervisorProgram = SupervisorProgram(path: supervisor)
        let identity = try Self.prepareFolders(self.folder, random: &random)
        host = HostSettings(engine: identity, cgroup: try CgroupLayout.detect())
        seccomp = try SeccompProfile.load()
        self.addressRange = try HostNetwork.prepare(addressRange, file: self.folder.network, random: &random)
        firewall = Firewall(engine: identity, range: self.addressRange)
        netfilter = try NetfilterSession()
        (actions, actionContinuation) = AsyncStream.makeStream(of: EngineAction.self)
        (deadlines, deadlineContinuation) = AsyncStream.makeStream(of: Duration?.self, bufferingPolicy: .bufferingNewest(1))
        let survey = InstanceSurvey(self.folder, now: clock.timestamp())
        orphans = survey.orphans + Self.endOrphans(survey, folder: self.folder, runtime: runtime)
        state = Mutex(FleetStateMachine(range: self.addressRange, random: random))
        try takeUp(survey)
    }

    deinit {
        actionContinuation.finish()
        deadlineContinuation.finish()
        changeStreams.finish()
    }

    /// Starts and ends instances as they are wanted, until the task is cancelled. Instances go on running then.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepTime() }
            for await action in actions { group.addTask { await self.carryOut(action) } }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    // MARK: Engine

    public func resize(_ fleet: FleetSpecification, to size: Int, ending: Set<InstanceID>?, generation: Generation) async throws {
        try tell(fleet.fleet.environment) { machine, moment throws(EngineError) in
            try machine.resize(fleet, to: size, ending: ending, generation: generation, at: moment)
        }
    }

    public func fence(_ environment: EnvironmentID, generation: Generation) async throws {
        try state.withLock { machine throws(EngineError) in try machine.fence(environment, generation: generation) }
    }

    public func generation(of environment: EnvironmentID) async throws -> Generation {
        state.withLock { $0.generations[environment] ?? Generation(0) }
    }

    public func fleets(of environment: EnvironmentID) async throws -> [FleetStatus] {
        state.withLock { $0.statuses(of: environment) }
    }

    public func allFleets() async throws -> [FleetID] {
        state.withLock { $0.fleets.keys.filter { !Throwaways.owns($0) }.sorted() }
    }

    public func changes() -> AsyncStream<EnvironmentID> { changeStreams.stream() }

    // MARK: Telling the state machine

    /// Tells the state machine of an event, hands on what it wants done, and announces the change.
    func tell<Failure: Error>(
        _ environment: EnvironmentID, _ event: (inout FleetStateMachine, Moment) throws(Failure) -> [EngineAction]
    ) throws(Failure) {
        let moment = clock.moment
        let result: Result<(actions: [EngineAction], deadline: Duration?), Failure> = state.withLock { machine in
            do throws(Failure) {
                let actions = try event(&machine, moment)
                // In the order of the decisions: another event's actions must not come between.
                actions.forEach { actionContinuation.yield($0) }
                return .success((actions, machine.nextDeadline))
            } catch {
                return .failure(error)
            }
        }
        let outcome = try result.get()
        deadlineContinuation.yield(outcome.deadline)
        changeStreams.announce(environment)
    }

    /// Tells it of the time whenever it has something to do then.
    private func keepTime() async {
        var timer: Task<Void, Never>?
        for await deadline in deadlines {
            timer?.cancel()
            guard let deadline else { continue }
            let pause = max(.zero, deadline - clock.elapsed())
            timer = Task { [weak self, clock] in
                guard (try? await clock.sleep(pause)) != nil, !Task.isCancelled else { return }
                self?.timePassed()
            }
        }
        timer?.cancel()
    }

    private func timePassed() {
        let moment = clock.moment
        let environments = state.withLock { machine in
            let environments = machine.environmentsDue(moment)
            machine.timePassed(moment).forEach { actionContinuation.yield($0) }
            deadlineContinuation.yield(machine.nextDeadline)
            return environments
        }
        environments.forEach { changeStreams.announce($0) }
    }

    private func carryOut(_ action: EngineAction) async {
        switch action {
        case .start(let launch): await start(launch)
        case .stop(let id): stop(id)
        case .kill(let id): await endByForce(id)
        }
    }

    /// Makes the engine's folders and reads or draws its identity.
    private static func prepareFolders(_ folder: EngineFolder, random: inout any RandomNumberGenerator & Sendable) throws -> EngineID {
        try SystemFile.makeFolder(folder.path)
        try SystemFile.makeFolder(folder.instances)
        try SystemFile.makeFolder(folder.lookups)
        try SecretFolder.prepare(folder.secrets)
        if let bytes = try SystemFile.read(folder.identity, limit: EngineLimits.stateFile) {
            let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            guard let identity = EngineID(text: text) else {
                throw EngineError.stateBroken(folder.identity.string, "it is not \(EngineID.expectation)")
            }
            return identity
        }
        let identity = EngineID(random: random.next())
        try SystemFile.write(Array("\(identity)\n".utf8), to: folder.identity, isDurable: true)
        return identity
    }
}
