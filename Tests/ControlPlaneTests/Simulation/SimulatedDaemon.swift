import Engine
import GRDB
import IngotModel
import Rollout
import Simulation

@testable import ControlPlane

/// A daemon's parts in one of its lives, started in the order in which `Daemon` starts them; its loop is run by hand.
struct SimulatedDaemon {
    let life: DiskLife
    let store: ControlStore
    let controller: EnvironmentController
    let deployments: Deployments
    let executor: Executor
    /// Whether it has looked for what nobody owns, which it does once.
    var hasEndedOrphans = false

    init(life: DiskLife, in simulation: isolated ControlPlaneSimulation) async throws {
        self.life = life
        try life.renewLog()
        store = try ControlStore(path: life.database, clock: simulation.clock.wallClock)
        do {
            let interrupt: @Sendable () async -> Void = { [weak simulation] in await simulation?.interrupt() }
            executor = Executor(
                engine: MortalEngine(engine: simulation.host.engine, life: life, interrupt: interrupt),
                router: MortalRouter(router: simulation.host.router, life: life, interrupt: interrupt))
            // So that checkpoints happen within a run.
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 40") }
            try await store.register(simulation.specification, by: "user:root")
            let effects = SimulatedEffects(
                simulation.environment, store: store, seed: simulation.generator.next(), hasFaults: simulation.options.hasFaults)
            controller = try await EnvironmentController(
                simulation.environment, executor: executor, store: store, logger: quiet, effects: effects,
                witness: { [weak simulation] in simulation?.witness($0) })
            let controllers = Controllers()
            controllers.add(controller)
            deployments = Deployments(
                store: store, images: FakeImages(), examinations: Examinations(store: store, gates: FakeGates()),
                secrets: SecretReadings(store: store, vault: simulation.vault, sources: .none),
                controllers: controllers, locks: Locks(store: store, controllers: controllers, logger: quiet))
        } catch {
            try? store.close()
            throw error
        }
    }

    func begin() async throws {
        try await store.record([EventDraft(.daemonStarted, by: "user:root", "daemon started as life \(life.number)")])
    }

    func endOrphans() async throws {
        try await Orphans(engine: executor.engine, store: store, logger: quiet).end()
    }

    func close() { try? store.close() }
}
