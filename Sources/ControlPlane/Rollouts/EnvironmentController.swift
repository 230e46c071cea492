import API
import Engine
import IngotModel
import Logging
import Rollout

/// Looks after one environment: it gathers what is wished and what is seen, lets `EnvironmentState.advance` decide, stores
/// that, and carries it out. It decides nothing itself.
///
/// It can stop at any point and be made anew over the same database: what was stored is carried out then.
actor EnvironmentController {
    /// How long nothing may happen before it looks again: while something moves, and at rest.
    static let floor = Milliseconds.seconds(1)
    static let rest = Milliseconds.seconds(30)
    /// How long a target that is carried out may stand before it is carried out again, whatever is seen.
    static let reapplication = Milliseconds.seconds(5)

    let environment: EnvironmentID
    nonisolated let statuses = Broadcast<EnvironmentStatus>()
    private nonisolated let wakeup = Wakeup()
    private let executor: Executor
    private let store: ControlStore
    private let clock: WallClock
    private let logger: Logger
    private let effects: any RolloutEffects
    private let witness: @Sendable (PlannedPass) -> Void

    private var record: EnvironmentRecord
    private var releases: [ReleaseNumber: Release] = [:]
    private var view: EnvironmentView
    private var host: String
    private var carriedOut: (what: CarriedOut, at: Timestamp)?
    private var lastStatus: EnvironmentStatus?
    private var failuresInRow = 0

    /// Takes up an environment where the database says that it is.
    ///
    /// - Parameters:
    ///   - effects: what carries out hooks, measurements and probes; `nil` for the real ones.
    ///   - witness: is shown each decision before it is stored, and again once it is.
    init(
        _ environment: EnvironmentID, executor: Executor, store: ControlStore, logger: Logger, effects: (any RolloutEffects)? = nil,
        witness: @escaping @Sendable (PlannedPass) -> Void = { _ in }
    ) async throws {
        guard let record = try await store.environment(environment) else { throw ControlError.notFound("environment \(environment)") }
        self.environment = environment
        self.executor = executor
        self.store = store
        self.clock = store.clock
        self.logger = logger
        self.record = record
        self.effects = effects ?? LocalEffects(environment, executor: executor, store: store, logger: logger, wakeup: wakeup)
        self.witness = witness
        host = try await store.host(of: environment) ?? ""
        view = EnvironmentView(
            environment: environment, state: record.state, running: try await store.runningRollout(of: environment),
            last: try await store.rollouts(of: environment, limit: 1).first, pending: record.pending)
        for number in record.state.namedReleases { releases[number] = try await store.release(number, of: environment) }
    }

    /// Somebody else has decided in between: what stands in the database is what counts.
    private func takeUpAnew() async {
        do {
            guard let record = try await store.environment(environment) else { return }
            view.running = try await store.runningRollout(of: environment)
            view.last = try await store.rollouts(of: environment, limit: 1).first
            self.record = record
            view.state = record.state
            view.pending = record.pending
        } catch {
            logger.error("what stands in the database can't be read", metadata: ["error": "\(error)"])
        }
    }

    // MARK: What others ask

    var state: EnvironmentState { record.state }
    /// The newest wish for a release that was not taken up yet.
    var pending: PendingRequest? { record.pending }
    var hasUntakenCommands: Bool { record.wishes.contains { $0.request == nil } }
    var isMoving: Bool { record.state.rollout != nil || record.pending != nil }
    var status: EnvironmentStatus { EnvironmentStatus(view, releases: releases, host: host) }

    /// The status now, and after each change. A reader that is slow gets the newest.
    nonisolated func listen() -> AsyncStream<EnvironmentStatus> { statuses.listen() }

    /// Looks again at once.
    nonisolated func wake() { wakeup.wake() }

    /// Takes up a request that the store holds already.
    func take(_ pending: PendingRequest, release: Release) {
        releases[release.number] = release
        record.wishes.append(.request(pending))
        view.pending = pending
        wakeup.wake()
    }

    /// Takes up a command that the store holds already.
    func take(_ command: RolloutCommand) {
        record.wishes.append(.command(command))
        wakeup.wake()
    }

    /// What a deployment of a release would do from here.
    func forecast(_ request: RolloutRequest, release: Release) async throws -> Forecast {
        let observation = try await executor.observe(environment)
        try await know(record.state.namedReleases.union(observation.fleets.map(\.release)))
        var facts = releases.mapValues { ReleaseFacts($0) }
        facts[release.number] = ReleaseFacts(release)
        return Forecast(of: request, in: record.state, releases: facts, observation: observation)
    }

    /// Who holds the environment is the locks' affair; here it is only shown.
    func note(_ lock: LockStatus?) {
        view.lock = lock
        publish()
    }

    /// What comes next of what is under way, if all goes well.
    func forecast() async throws -> Forecast {
        if let pending = record.pending, let release = releases[pending.request.release] {
            return try await forecast(pending.request, release: release)
        }
        let observation = try await executor.observe(environment)
        try await know(record.state.namedReleases.union(observation.fleets.map(\.release)))
        let facts = releases.mapValues { ReleaseFacts($0) }
        return Forecast(continuing: record.state, releases: facts, observation: observation, now: clock.now())
    }

    func changeHost(_ host: String) { self.host = host }

    // MARK: The loop

    /// Runs until the task is cancelled. Nothing that goes wrong ends it: it is told in the status, and tried again.
    func run() async {
        while !Task.isCancelled {
            let next = await look()
            guard next > clock.now() else { continue }
            await wakeup.wait(until: next, by: clock)
        }
        await effects.stop()
    }

    /// One pass, whatever comes of it; returns when to look again at the latest.
    func look() async -> Timestamp {
        do {
            let next = try await pass()
            if failuresInRow > 0 { logger.info("goes on after failures", metadata: ["failures": "\(failuresInRow)"]) }
            failuresInRow = 0
            view.failure = nil
            publish()
            return next
        } catch  where Task.isCancelled {
            return clock.now()
        } catch {
            if (error as? ControlError)?.code == ControlStore.overtakenCode { await takeUpAnew() }
            failuresInRow += 1
            view.failure = ErrorReport(error)
            logger.error("a pass failed", metadata: ["error": "\(ErrorReport(error).lines.joined(separator: "; "))", "failures": "\(failuresInRow)"])
            publish()
            return clock.now() + RetryPause.after(failures: failuresInRow)
        }
    }

    private func pass() async throws -> Timestamp {
        let taken = record.wishes
        var observation = try await executor.observe(environment)
        if observation.isRouterReachable, isAnalysed { observation.traffic = await traffic() }
        try await effects.add(to: &observation, of: record.state)
        try await know(record.state.namedReleases.union(taken.compactMap(\.request?.request.release) + observation.fleets.map(\.release)))
        let wishes = try await withRejections(taken)
        let baseline = wishes.contains { $0.request != nil } ? await traffic() : []
        let now = clock.now()
        let phase = record.state.rollout?.phase
        var pass = PlannedPass(wishes, in: record.state, releases: releases, observation: observation, now: now)
        witness(pass)
        try await store(pass, taken: taken.count, baseline: baseline)
        pass.isStored = true
        witness(pass)
        view.observation = observation
        view.awaiting = pass.plan.awaiting
        view.waits.note(pass.plan.awaiting, at: now, movingSince: pass.state.rollout?.phaseSince)
        publish()
        try await carryOut(pass.plan.target, observation, at: now)
        try await effects.keep(pass.plan.target, pass.state, releases)
        return pass.state.rollout?.phase == phase && pass.plan.finished.isEmpty ? wakeTime(pass.plan, pass.state) : now
    }

    /// What waits, with what follows from the images that are rejected now.
    private func withRejections(_ wishes: [Wish]) async throws -> [Wish] {
        let images = try await store.rejectedImages()
        guard !images.isEmpty else { return wishes }
        let rejections = Rejections(releases: Set(releases.filter { images.contains($0.value.image) }.keys))
        let applied = rejections.applied(to: wishes, in: record.state)
        guard record.pending == nil, rejections.isToLeave(record.state, last: view.last),
            let good = try await store.lastGood(of: environment, record.state)
        else { return applied }
        try await know([good])
        let request = RolloutRequest(kind: .rollback, release: good, acceptedAt: clock.now())
        return applied + [.request(PendingRequest(request: request, actor: EventDraft.daemon))]
    }

    private var isAnalysed: Bool { record.state.rollout.flatMap { releases[$0.release]?.analysis } != nil }

    private func wakeTime(_ plan: Plan, _ state: EnvironmentState) -> Timestamp {
        let latest = clock.now() + (state.rollout == nil && state.retiring.isEmpty ? Self.rest : Self.floor)
        return min(plan.wakeAt ?? latest, latest)
    }

    // MARK: Storing

    /// - Parameter taken: how many of the wishes that wait the pass took up.
    private func store(_ pass: PlannedPass, taken: Int, baseline: [ReleaseTraffic]) async throws {
        let ledger = RolloutLedger(pass, before: view.running, baseline: baseline)
        // Where one rollout ends and the next begins, both are counted by the same reading: no request is in both proofs, none in neither.
        let records = await self.records(of: ledger, traffic: baseline)
        let images = releases.mapValues(\.image)
        let failures = RolloutEvents.failures(of: environment, seen: record.failures, fleets: pass.observation.fleets, images: images)
        guard !pass.wishes.isEmpty || pass.state != record.state || failures.seen != record.failures || !records.isEmpty || !pass.plan.decided.isEmpty
        else { return }
        let change = EnvironmentChange(
            environment: environment, record: EnvironmentRecord(state: pass.state, failures: failures.seen), before: record.state,
            takenWishes: taken, running: ledger.running, ended: records,
            events: failures.events
                + RolloutEvents.drafts(of: environment, ledger: ledger, records: records, decided: pass.plan.decided, images: images), at: pass.now)
        try await store.save(change)
        // Wishes that came while this was stored stay.
        record.wishes.removeFirst(taken)
        record.state = pass.state
        record.failures = failures.seen
        view.state = pass.state
        view.pending = record.pending
        view.running = ledger.running
        if let last = records.last { view.last = last }
        for words in pass.plan.decided {
            let number = ledger.running?.number ?? records.last?.number ?? pass.state.target.generation
            logger.info("\(words)", metadata: ["rollout": "\(number)"])
        }
        forgetReleases()
    }

    /// - Parameter known: the router's counts, where they have been read already.
    private func records(of ledger: RolloutLedger, traffic known: [ReleaseTraffic]) async -> [RolloutRecord] {
        guard !ledger.ended.isEmpty else { return [] }
        let traffic = known.isEmpty ? await traffic() : known
        var records: [RolloutRecord] = []
        for (finished, account) in ledger.ended {
            let proof = RolloutProof(
                of: finished.progress, baseline: account.baseline, traffic: traffic, lastOldRequest: await lastRequest(to: finished.progress.from))
            records.append(RolloutRecord(finished, account: account, release: releases[finished.progress.release], proof: proof))
        }
        return records
    }

    /// Counts are for the proof; a router that can't give them does not hold up a rollout.
    private func traffic() async -> [ReleaseTraffic] {
        do {
            return try await executor.router.traffic(of: environment)
        } catch {
            logger.warning("the router gave no counts", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func lastRequest(to release: ReleaseNumber?) async -> Timestamp? {
        guard let release else { return nil }
        return try? await executor.router.lastRequest(to: release, of: environment)
    }

    // MARK: Carrying out

    /// What a target was last carried out with. While it is the same there is nothing to do.
    private struct CarriedOut: Equatable {
        var target: EnvironmentTarget
        var instances: [ReleaseNumber: [InstanceID: Bool]]

        init(_ target: EnvironmentTarget, _ observation: Observation) {
            self.target = target
            instances = Dictionary(
                observation.fleets.map { fleet in
                    (fleet.release, Dictionary(fleet.instances.map { ($0.id, $0.health == .ending) }, uniquingKeysWith: { first, _ in first }))
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    private func carryOut(_ target: EnvironmentTarget, _ observation: Observation, at now: Timestamp) async throws {
        let what = CarriedOut(target, observation)
        if let carriedOut, carriedOut.what == what, now < carriedOut.at + Self.reapplication, now >= carriedOut.at { return }
        carriedOut = nil
        guard let host = routedHost else { return }
        try await executor.carryOut(target, of: environment, host: host, releases: Array(releases.values))
        carriedOut = (what, now)
    }

    /// The host name stands in the release, so that a changed one moves with the traffic and not before.
    private var routedHost: String? {
        let rollout = record.state.rollout
        let number: ReleaseNumber? =
            switch rollout?.phase {
            case .switching, .soaking: isWhole(rollout) ? rollout?.release : record.state.serving
            default: record.state.serving ?? rollout?.release
            }
        return number.flatMap { releases[$0]?.host } ?? record.state.retiring.last.flatMap { releases[$0.release]?.host }
    }

    /// Whether all traffic is the new release's, or is to be.
    private func isWhole(_ rollout: RolloutProgress?) -> Bool { rollout.map { record.state.target.split == .all(to: $0.release) } ?? false }

    // MARK: Releases

    private func know(_ numbers: Set<ReleaseNumber>) async throws {
        for number in numbers where releases[number] == nil {
            releases[number] = try await store.release(number, of: environment)
        }
    }

    /// Keeps what the state names, and what was observed of late; an environment may have thousands of releases.
    private func forgetReleases() {
        let needed = record.state.namedReleases.union(record.requests.map(\.request.release))
            .union(view.observation?.fleets.map(\.release) ?? [])
        releases = releases.filter { needed.contains($0.key) }
    }

    private func publish() {
        let status = status
        guard status != lastStatus else { return }
        lastStatus = status
        statuses.send(status)
    }
}
