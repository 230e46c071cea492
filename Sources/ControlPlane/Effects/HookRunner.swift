import Gates
import IngotModel
import Logging
import NIOHTTP1

/// Runs the hooks of one environment's rollouts.
///
/// It is told again and again which runs are to have happened. Each happens once: its result is stored before it is told, so neither a repeated wish
/// nor another life of the daemon runs it again. Only a run that the daemon's own death interrupted is run again, so a hook must bear being
/// run twice ("at least once").
actor HookRunner {
    private let environment: EnvironmentID
    private let store: ControlStore
    private let logger: Logger
    private let changes: @Sendable () -> Void

    private var wanted: Set<HookRun> = []
    private var running: [HookRun: Task<Void, Never>] = [:]
    private var ended: [HookRun: HookResult] = [:]
    /// The rollouts whose stored results are in `ended`.
    private var loaded: Set<Generation> = []

    /// - Parameter changes: called after each run that ended; it wakes whoever asks for `results`.
    init(_ environment: EnvironmentID, store: ControlStore, logger: Logger, changes: @escaping @Sendable () -> Void) {
        self.environment = environment
        self.store = store
        self.logger = logger
        self.changes = changes
    }

    /// The results of the wanted runs that have ended.
    var results: [HookResult] { wanted.compactMap { ended[$0] }.sorted { $0.run < $1.run } }

    /// Makes it so that these runs have happened or are under way, and no others are. One that is no longer wanted is killed, and has no result.
    ///
    /// - Parameters:
    ///   - release: the rollout's new release, which has the hooks.
    ///   - url: where one of its instances can be asked, if there is one. A run that is under way keeps the one that it began with.
    /// - Throws: `ControlError` when the stored results can't be read; then nothing is started.
    func keep(_ wanted: Set<HookRun>, of release: Release, url: String?) async throws {
        self.wanted = wanted
        for (run, task) in running where !wanted.contains(run) { task.cancel() }
        let rollouts = Set(wanted.map(\.rollout))
        for rollout in rollouts.subtracting(loaded) {
            for result in try await store.hookResults(of: rollout, in: environment) { ended[result.run] = result }
            loaded.insert(rollout)
        }
        // Another wish may have come while the database was read.
        guard self.wanted == wanted else { return }
        loaded.formIntersection(rollouts)
        ended = ended.filter { rollouts.contains($0.key.rollout) }
        for run in wanted.sorted() where running[run] == nil && ended[run] == nil {
            let call = HookCall(run: run, release: release, url: url)
            running[run] = Task { await self.carryOut(call) }
        }
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
        let failure = await call.failure()
        if !Task.isCancelled { await tell(HookResult(run: call.run, endedAt: store.clock.now(), failure: failure), call) }
        running[call.run] = nil
        changes()
    }

    /// Stores a result, as often as it takes: what was not stored would be run again.
    private func tell(_ result: HookResult, _ call: HookCall) async {
        for failures in 1... {
            do {
                try await store.save(result, in: environment)
                ended[result.run] = result
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
}

/// One run of a hook, with what it is told.
struct HookCall: Sendable {
    var run: HookRun
    var release: Release
    var url: String?

    /// Runs it to its end. `nil` when it was good, else why not; of no meaning when the task was cancelled.
    func failure() async -> String? {
        guard let hook = release.hooks.first(where: { $0.name == run.hook }) else { return "release \(release.number) has no hook '\(run.hook)'" }
        do {
            switch hook.action {
            case .command(let command): return try await failure(of: command, hook)
            case .http(let address): return try await failure(of: address, hook)
            }
        } catch {
            return ErrorReport(error).lines.joined(separator: "; ")
        }
    }

    private func failure(of command: [String], _ hook: RolloutHook) async throws -> String? {
        let outcome = try await BoundedCommand(ofUser: command, environment: environment(hook), deadline: hook.deadline).run()
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
