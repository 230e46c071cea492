import Dispatch
public import Engine
public import IngotModel
public import Logging
import Synchronization
public import SystemPackage

/// The router of this machine: HAProxy, as a process of its own that outlives the daemon, told through its Runtime API.
///
/// A deployment never reloads it. What is asked for is on disk before it is in force, so a HAProxy that was killed comes
/// up with the same servers and weights. Instances that had been healthy take requests at once after such a restart, because
/// waiting for their checks would turn users away; their first failed check or connection takes them out. The others must
/// show that they are healthy first.
public final class HAProxyRouter: Router {
    /// What happened to HAProxy itself.
    public enum Event: Hashable, Sendable {
        /// It had ended and was started again; why, in a person's words. An event `router.restarted`.
        case restarted(reason: String)
        /// It can't be started at the moment; it is tried again and again.
        case unavailable(reason: String)
    }

    /// What happens to HAProxy. One listener at a time; the newest 100 are kept.
    public let events: AsyncStream<Event>

    private let eventsInput: AsyncStream<Event>.Continuation
    private let core: Mutex<RouterCore>
    private let book = TrafficBook()
    private let folder: RouterFolder
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let queue = DispatchQueue(label: "ingot.router", qos: .userInteractive)
    private let streams = ChangeStreams()
    private let followers = Mutex<Followers>(Followers())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let storedRevision = Mutex(0)
    private let attention = Mutex(Attention())
    /// Counters are put on disk beside everything else: moving traffic does not wait for them.
    private let trafficQueue = DispatchQueue(label: "ingot.router.traffic")
    private let trafficFile: TwinFile<TrafficLedger>

    private struct Followers {
        var process: String?
        var requests: RingFollower?
        var health: RingFollower?
        /// Of processes that were replaced: what they still serve is counted too.
        var former: [String: RingFollower] = [:]

        /// Lets go of what is followed of processes other than these.
        mutating func keep(_ processes: Set<String>) {
            for (process, follower) in former where !processes.contains(process) {
                follower.stop()
                former[process] = nil
            }
        }
    }

    /// - Parameters:
    ///   - folder: the router's own, `ROOT/router`; made when it is not there.
    ///   - clock: what the pace of looking is measured by.
    public init(
        folder: FilePath, configuration: RouterConfiguration = RouterConfiguration(), logger: Logger, clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.folder = RouterFolder(path: folder)
        trafficFile = TwinFile("traffic", in: self.folder)
        self.logger = logger
        self.clock = clock
        core = Mutex(RouterCore(folder: self.folder, configuration: configuration, book: book, logger: logger))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (events, eventsInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(100))
    }

    // MARK: Life

    /// Takes up the HAProxy that a daemon before left running, or starts one.
    ///
    /// - Throws: `EngineError` with `router.program-missing`, `router.port-in-use`, `router.start-failed`, `router.state-unreadable`.
    public func start() async throws {
        try await perform { core in
            try self.folder.create()
            self.readTraffic()
            try core.load()
            let arrival = try core.takeUpOrStart()
            for environment in core.state.environments { try core.bringInForce(environment) }
            self.logger.info("HAProxy is there", metadata: ["how": "\(arrival)", "pid": "\(core.process?.pid ?? 0)"])
            try self.follow(core)
        }
    }

    /// Watches over HAProxy until the task is cancelled: starts it again when it is gone, follows health, removes what has drained.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tick() }
            for await _ in self.wakes {
                if Task.isCancelled { break }
                guard await self.turn() else { continue }
                group.addTask { await self.pause(RouterPace.inTransition) }
            }
            group.cancelAll()
        }
        await saveTraffic()
    }

    /// Lets go of HAProxy, or ends it.
    public func close(endingProxy: Bool) async {
        streams.finish()
        wake.finish()
        eventsInput.finish()
        await saveTraffic()
        try? await perform { core in
            self.followers.withLock { followers in
                followers.keep([])
                followers.requests?.stop()
                followers.health?.stop()
                followers = Followers()
            }
            // What can't be rendered now is when HAProxy is started.
            if core.process != nil { try? core.renderIfNeeded() }
            if endingProxy { core.end() }
        }
    }

    // MARK: Router

    public func apply(_ route: Route) async throws {
        let hasChanged = try await perform { try $0.apply(route) }
        guard hasChanged else { return }
        streams.announce(route.environment)
        wake.yield()
    }

    public func observe(_ environment: EnvironmentID) async throws -> RouteObservation? {
        try await perform { core in
            do {
                return try core.observe(environment)
            } catch let error as EngineError where error.code == "router.unreachable" {
                return nil
            }
        }
    }

    public func remove(_ environment: EnvironmentID) async throws {
        try await perform { try $0.remove(environment) }
        streams.announce(environment)
        wake.yield()
    }

    /// Counted from HAProxy's record of each request, as its user saw it; see `RequestRecord.Outcome`.
    /// A request counts when it has ended. `cut` ones count there and nowhere else.
    public func traffic(of environment: EnvironmentID) async throws -> [ReleaseTraffic] { book.traffic(of: environment) }

    public func lastRequest(to release: ReleaseNumber, of environment: EnvironmentID) async throws -> Timestamp? {
        book.lastRequest(to: FleetID(environment: environment, release: release))
    }

    public func changes() -> AsyncStream<EnvironmentID> { streams.stream() }

    /// HAProxy's process, for `ingot status` and for tests; `nil` while there is none.
    public func processID() async -> Int32? { try? await perform { $0.process?.pid } }

    // MARK: One after another, on a thread that may block

    private func perform<Result: Sendable>(_ body: @escaping @Sendable (inout RouterCore) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Swift.Result { try self.core.withLock { try body(&$0) } })
            }
        }
    }

    // MARK: Supervision

    private func tick() async {
        var pausesLeft = 0
        while !Task.isCancelled {
            await pause(RouterPace.atRest, thenEverything: true)
            pausesLeft -= 1
            guard pausesLeft <= 0 else { continue }
            // With very many instances a second's counts take long to write: then they are written so much more rarely.
            let cost = await ContinuousClock().measure { await saveTraffic() }
            pausesLeft = Int(cost / RouterPace.atRest * RouterPace.restBetweenWrites)
        }
    }

    private func pause(_ duration: Duration, thenEverything: Bool = false) async {
        // Cancelling is how a pause ends early.
        try? await clock.sleep(for: duration)
        if thenEverything { attention.withLock { $0.turnToEverything() } }
        wake.yield()
    }

    /// Looks once, at everything or where attention is asked for; `true` when something is on its way and it is worth looking again soon.
    private func turn() async -> Bool {
        do {
            let (reason, changed, isMoving) = try await perform { core in
                let process = core.process
                let reason = try core.restartIfGone()
                try self.follow(core)
                if core.process != process { self.attention.withLock { $0.turnToEverything() } }
                let asked = self.attention.withLock { $0.take() }
                let changed = try core.keep(asked.map { core.inTransition.union($0).intersection(core.slotsInUse).sorted() } ?? core.slotsInUse)
                return (reason, changed, !core.inTransition.isEmpty)
            }
            if let reason { announceRestart(reason) }
            changed.forEach(streams.announce)
            return isMoving
        } catch {
            attention.withLock { $0.turnToEverything() }
            // Its socket closes a moment before its process is gone.
            if (error as? EngineError)?.code == "router.unreachable" { return true }
            logger.error("the router can't be kept in order", metadata: ["error": "\(ErrorReport(error).lines.joined(separator: " "))"])
            eventsInput.yield(.unavailable(reason: "\(error)"))
            try? await clock.sleep(for: RouterPace.restart)
            return true
        }
    }

    private func announceRestart(_ reason: String) {
        logger.warning("\(reason)")
        eventsInput.yield(.restarted(reason: reason))
    }

    /// Counts that can't be read are a loss, but no reason to stay down.
    private func readTraffic() {
        do {
            if let ledger = try trafficFile.read() { book.replace(with: ledger) }
        } catch {
            logger.error("the router's counters can't be read and begin again", metadata: ["error": "\(error)"])
        }
    }

    private func saveTraffic() async {
        await withCheckedContinuation { continuation in
            trafficQueue.async {
                self.writeTraffic()
                continuation.resume()
            }
        }
    }

    private func writeTraffic() {
        let ledger = book.ledger
        guard storedRevision.withLock({ $0 != ledger.revision }) else { return }
        do {
            try trafficFile.write(ledger)
            storedRevision.withLock { $0 = ledger.revision }
        } catch {
            logger.error("the router's counters can't be stored", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Following HAProxy's rings

    private func follow(_ core: RouterCore) throws {
        guard let process = core.process?.identity else { return }
        let replaced = Set(core.replaced.filter(\.isFollowed).map(\.process.identity))
        try followers.withLock { followers in
            followers.keep(replaced)
            guard followers.process != process else { return }
            if let former = followers.process, replaced.contains(former) {
                followers.former[former] = followers.requests
            } else {
                followers.requests?.stop()
            }
            followers.health?.stop()
            followers = Followers(former: followers.former)
            book.follow(process)
            followers.requests = try followRequests(of: process, core.file.socketPath)
            followers.health = try RingFollower(
                ring: "health", socketPath: core.file.socketPath, fromOldest: false,
                onLines: { [weak self, wake] lines in
                    self?.attention.withLock { $0.turn(to: lines) }
                    wake.yield()
                }, onEnd: { [wake] in wake.yield() })
            followers.process = process
        }
    }

    private func followRequests(of process: String, _ socketPath: String) throws -> RingFollower {
        let filter = RecordFilter(marker: try marker(in: process, socketPath))
        return try RingFollower(
            ring: "requests", socketPath: socketPath, fromOldest: true, gathering: RouterPace.gathering,
            onLines: { [book] in book.count(filter.new(in: $0), of: process) },
            onEnd: { [weak self, wake] in
                self?.followers.withLock { if $0.process == process { $0.process = nil } }
                wake.yield()
            })
    }

    /// The number of the record that was counted last, if the ring still has it.
    private func marker(in process: String, _ socketPath: String) throws -> Int? {
        guard let position = book.ledger.position, position.process == process else { return nil }
        if try RingContent.contains(position.number, socketPath: socketPath) { return position.number }
        logger.warning("requests that were served while no daemon ran are not all counted: HAProxy's memory of them is limited")
        return nil
    }
}
