import IngotModel
import Rollout
import Simulation

@testable import ControlPlane

/// Hooks and probes from a seed. A hook's result goes the real way, through the database; only the command is made up.
actor SimulatedEffects: RolloutEffects {
    private let environment: EnvironmentID
    private let store: ControlStore
    private let hasFaults: Bool
    private var generator: SeededGenerator
    private var running: [HookRun: Ending] = [:]
    private var probes: TrafficCount?

    private struct Ending {
        /// `nil` for never.
        var at: Timestamp?
        var failure: String?
    }

    init(_ environment: EnvironmentID, store: ControlStore, seed: UInt64, hasFaults: Bool) {
        self.environment = environment
        self.store = store
        self.hasFaults = hasFaults
        generator = SeededGenerator(seed: seed)
    }

    nonisolated func add(to observation: inout Observation, of state: EnvironmentState) async throws {
        let rollouts = Set([state.rollout?.number].compactMap { $0 } + state.followUps.map(\.run.rollout))
        observation.hooks = try await store.hookResults(in: environment).filter { rollouts.contains($0.run.rollout) }
        observation.probes = await count
    }

    private var count: TrafficCount? { probes }

    func keep(_ target: EnvironmentTarget, _ state: EnvironmentState, _ releases: [ReleaseNumber: Release]) async throws {
        let ended = Set(try await store.hookResults(in: environment).map(\.run))
        running = running.filter { target.hooks.contains($0.key) }
        for run in target.hooks.sorted() where !ended.contains(run) && running[run] == nil { running[run] = someEnd() }
        try await tellEnded()
        probes = target.probed == nil ? nil : probes ?? TrafficCount()
        probes?.successful += 5
    }

    private func tellEnded() async throws {
        let now = store.clock.now()
        for (run, end) in running.sorted(by: { $0.key < $1.key }) {
            guard let at = end.at, at <= now else { continue }
            try await store.save(HookResult(run: run, endedAt: now, failure: end.failure), in: environment)
            running[run] = nil
        }
    }

    /// Within three seconds; a few fail, and a few never end.
    private func someEnd() -> Ending {
        let at = store.clock.now() + Milliseconds(generator.number(in: 0...3_000))
        let dice = hasFaults ? generator.number(in: 1...20) : 20
        return dice == 1 ? Ending() : Ending(at: at, failure: dice == 2 ? "exit code 1" : nil)
    }

    func stop() async { running = [:] }
}
