import Gates
import IngotModel
import Logging
import NIOHTTP1

/// Runs the hooks of one environment's rollouts.
///
/// It is told again and again which runs are to have happened. Each happens once: its result is stored before it is told, so neither a repeated wish
/// nor another life of the daemon runs it again. Only a run that the daemon's own death interrupted is run again, so a hook must bear being
/// begun twice ("at least once"), but never two at the same time: what is left of a run by a dead daemon has ended before the next begins.
actor HookRunner {
    private let environment: EnvironmentID
    private let store: ControlStore
    private let logger: Logger
    private let changes: @Sendable () -> Void
    private let lock: HookLock

    private var wanted: Set<HookRun> = []
    private var running: [HookRun: Task<Void, Never>] = [:]
    /// As they are stored; `nil` until they were read.
    private var ended: [HookRun: HookResult]?
    /// Whether nothing runs that another daemon has started.
    private var isAlone = false

    /// - Parameter changes: called after each run that ended; it wakes whoever asks for `results`.
    init(_ environment: EnvironmentID, store: ControlStore, logger: Logger, changes: @escaping @Sendable () -> Void) {
        self.environment = environment
        self.store = store
        self.logger = logger
        self.changes = changes
        lock = HookLock(environment, folder: store.folder)
    }

    /// The results of some rollouts' hooks, also of those that are not wanted any more, in the order of their runs.
    ///
    /// - Throws: `ControlError` when they can't be read.
    func results(of rollouts: Set<Generation>) async throws -> [HookResult] {
        try await known().values.filter { rollouts.contains($0.run.rollout) }.sorted { $0.run < $1.run }
    }

    /// Makes it so that these runs have happened or are under way, and no others are. One that is no longer wanted is killed, and has no result.
    /// A run that is under way keeps what it was first told.
    ///
    /// - Throws: `ControlError` when the stored results can't be read, or while something of a dead daemon's hook still runs; then nothing is
    ///   started.
    func keep(_ calls: [HookCall]) async throws {
        let wanted = Set(calls.map(\.run))
        self.wanted = wanted
        for (run, task) in running where !wanted.contains(run) { task.cancel() }
        _ = try await known()
        // Another wish may have come while the database was read.
        guard self.wanted == wanted else { return }
        let new = calls.sorted(by: { $0.run < $1.run }).filter { running[$0.run] == nil && ended?[$0.run] == nil }
        try awaitFormer(before: new)
        for call in new { running[call.run] = Task { await self.carryOut(call) } }
    }

    /// Before its first hook: those of a daemon before, which died, are being killed since. That takes a moment, and the next wish comes soon.
    private func awaitFormer(before new: [HookCall]) throws {
        guard !isAlone, !new.isEmpty else { return }
        isAlone = try lock.isFree()
        guard isAlone else {
            throw ControlError(
                "hook-still-runs", "a hook of \(environment) that a daemon before has started has not ended yet",
                remedy: "it is being killed; if this stays, look for it with 'fuser \(lock.path)'", fault: .world)
        }
    }

    private func known() async throws -> [HookRun: HookResult] {
        if let ended { return ended }
        let stored = try await store.hookResults(in: environment)
        // Meanwhile another caller may have read them, and a run may have ended.
        let all = ended ?? Dictionary(stored.map { ($0.run, $0) }, uniquingKeysWith: { first, _ in first })
        ended = all
        return all
    }

    /// Kills what runs, and returns when it has ended. What was killed runs again when it is wanted again.
    func stop() async {
        wanted = []
        let tasks = Array(running.values)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    // MARK: One run

    private func carryOut(_ call: HookCall) async {
        logger.info("a hook begins", metadata: call.metadata)
        let failure = await call.failure(holding: lock)
        if !Task.isCancelled { await tell(HookResult(run: call.run, endedAt: store.clock.now(), failure: failure), call) }
        running[call.run] = nil
        changes()
    }

    /// Stores a result, as often as it takes: what was not stored would be run again.
    private func tell(_ result: HookResult, _ call: HookCall) async {
        for failures in 1... {
            do {
                try await store.save(result, in: environment)
                remember(result)
                logger.info("a hook ended", metadata: call.metadata.merging(["failure": "\(result.failure ?? "none")"]) { $1 })
                return
            } catch {
                logger.error("a hook's result could not be stored", metadata: call.metadata.merging(["error": "\(error)"]) { $1 })
            }
            let clock = store.clock
            await clock.sleep(clock.now() + RetryPause.after(failures: failures))
            guard !Task.isCancelled else { return }
        }
    }

    /// As the database does, of no more rollouts than the limit.
    private func remember(_ result: HookResult) {
        ended?[result.run] = result
        let rollouts = Set(ended?.keys.map(\.rollout) ?? []).sorted().suffix(ControlStore.rolloutsWithHookResults)
        ended = ended?.filter { rollouts.contains($0.key.rollout) }
    }
}

/// One run of a hook, with what it is told.
struct HookCall: Sendable {
    var run: HookRun
    /// The rollout's new release, which has the hook.
    var release: Release
    /// Where one of its instances can be asked, if there is one.
    var url: String?

    /// Runs it to its end. `nil` when it was good, else why not; of no meaning when the task was cancelled.
    func failure(holding lock: HookLock) async -> String? {
        guard let hook = release.hooks.first(where: { $0.name == run.hook }) else { return "release \(release.number) has no hook '\(run.hook)'" }
        do {
            switch hook.action {
            case .command(let command): return try await failure(of: command, hook, lock)
            case .http(let address): return try await failure(of: address, hook)
            }
        } catch {
            return ErrorReport(error).lines.joined(separator: "; ")
        }
    }

    private func failure(of command: [String], _ hook: RolloutHook, _ lock: HookLock) async throws -> String? {
        let outcome = try await HookCommand(command: command, environment: environment(hook), deadline: hook.deadline, lock: lock).run()
        return outcome.passed ? nil : Self.words(outcome.ending, outcome.output)
    }

    private func failure(of address: String, _ hook: RolloutHook) async throws -> String? {
        let answer = try await OutgoingHTTP.send(
            .POST, address, headers: [("Content-Type", "application/json")], body: Array(try CanonicalJSON.text(message(hook)).utf8),
            deadline: hook.deadline, bodyLimit: 4_096)
        guard !(200...299).contains(answer.status) else { return nil }
        return Self.words("status \(answer.status) from \(address)", String(decoding: answer.body, as: UTF8.self))
    }

    private static func words(_ ending: String, _ output: String) -> String {
        output.lastLine == nil ? ending : "\(ending); its output ended with:\n\(output)"
    }

    private func environment(_ hook: RolloutHook) -> [String: String] {
        var variables = [
            "INGOT_SERVICE": "\(release.environment.service)", "INGOT_ENVIRONMENT": "\(release.environment.environment)",
            "INGOT_RELEASE": "\(release.number)", "INGOT_IMAGE": "\(release.image)", "INGOT_ROLLOUT": "\(run.rollout)", "INGOT_STEP": "\(run.step)",
            "INGOT_POINT": hook.point.rawValue,
        ]
        variables["INGOT_URL"] = url
        return variables
    }

    /// What is sent to an HTTP hook.
    struct Message: Codable, Equatable {
        var hook: String
        var point: RolloutHook.Point
        var service: ServiceName
        var environment: EnvironmentName
        var release: ReleaseNumber
        var image: Digest
        var rollout: Generation
        var step: Int
        var url: String?
    }

    private func message(_ hook: RolloutHook) -> Message {
        Message(
            hook: hook.name, point: hook.point, service: release.environment.service, environment: release.environment.environment,
            release: release.number, image: release.image, rollout: run.rollout, step: run.step, url: url)
    }

    var metadata: Logger.Metadata { ["hook": "\(run.hook)", "rollout": "\(run.rollout)", "step": "\(run.step)", "release": "\(release.number)"] }
}
