import API
import Engine
import Foundation
import IngotModel
import Rollout
import Simulation
import Testing

@testable import ControlPlane

/// One environment over a simulated machine, and a database that outlives its controller.
final class ControllerRig: Sendable {
    let host = SimulatedHost(seed: 7)
    let folder: TemporaryFolder
    let strategy: Strategy

    init(strategy: Strategy = .blueGreen) throws {
        folder = try TemporaryFolder()
        self.strategy = strategy
    }

    func open() throws -> ControlStore { try ControlStore(path: "\(folder.path)/ingot.db", clock: WallClock(host.clock)) }

    var specification: ServiceSpecification {
        serviceSpecification(environments: [environmentSpecification("production", strategy: strategy)])
    }

    /// Makes a release of an image and asks for it.
    func request(_ image: Int, _ store: ControlStore) async throws -> (PendingRequest, Release) {
        let facts = ImageFacts(digest: imageDigest(image), size: 1, commit: nil, isDirty: false)
        let draft = Release(
            of: facts, in: specification.environments[0], service: specification, secretVersions: [:], at: host.clock.now, by: "user:root")
        let (release, pending) = try await store.create(draft, promotion: Promotion(actor: "user:root", evidence: []), acceptedAt: host.clock.now)
        return (pending, release)
    }

    /// Runs a controller for as long as the body takes. It ends without any chance to tidy up.
    func withController<Result: Sendable>(
        _ store: ControlStore, _ body: @Sendable (EnvironmentController) async throws -> Result
    ) async throws -> Result {
        let executor = Executor(engine: host.engine, router: host.router)
        let controller = try await EnvironmentController(production, executor: executor, store: store, logger: quiet)
        let changes = host.engine.changes()
        let running = Task { await controller.run() }
        let following = Task { for await _ in changes { controller.wake() } }
        defer {
            running.cancel()
            following.cancel()
        }
        let result = try await body(controller)
        running.cancel()
        await running.value
        return result
    }

    /// A first release that serves.
    func deployFirst(_ store: ControlStore) async throws {
        try await store.register(specification, by: "user:root")
        _ = try await request(1, store)
        try await withController(store) { controller in
            try await eventually(self.host, "the first release serves") { await controller.status.lastRollout?.result == .succeeded }
        }
    }
}

@Suite("An environment's controller")
struct EnvironmentControllerTests {
    @Test("moves from release to release, and leaves a proof")
    func blueGreen() async throws {
        let rig = try ControllerRig()
        let store = try rig.open()
        try await rig.deployFirst(store)
        rig.host.withWorld { $0.load = SimulatedLoad(interval: 10, shortest: 5, longest: 30) }
        let (pending, release) = try await rig.request(2, store)
        try await rig.withController(store) { controller in
            try await eventually(rig.host, "the second release serves") {
                await controller.status.lastRollout?.release == release.number
            }
            let status = await controller.status
            #expect(status.serving?.number == release.number)
            #expect(status.split == .all(to: release.number))
            #expect(status.rollout == nil)
            try await eventually(rig.host, "the old release ends") { await controller.status.fleets.map(\.release) == [release.number] }
        }
        let record = try #require(try await store.rollouts(of: production).first)
        #expect(record.result == .succeeded)
        #expect(record.from == ReleaseNumber(1))
        #expect(record.acceptedAt == pending.request.acceptedAt)
        #expect(record.requestedBy == "user:root")
        #expect(record.proof.releases.map(\.release) == [ReleaseNumber(1), ReleaseNumber(2)])
        #expect(record.proof.releases.allSatisfy { $0.served.requests > 0 && $0.served.failed == 0 })
        #expect(record.proof.leastHealthy == 2)
        #expect((record.proof.decisionToSwitch ?? -1) >= 0)
        #expect(record.proof.switchToLastOldRequest != nil)
        #expect(!record.steps.isEmpty)
        let actions = try await store.events(after: nil, limit: 100, environment: production).map(\.action)
        #expect(actions.contains(.rolloutStarted) && actions.contains(.rolloutStep) && actions.contains(.rolloutSucceeded))
        #expect(try await store.verifyEvents().isIntact)
        try store.close()
    }

    @Test(
        "goes back when the new release does not get ready, and the old one goes on serving",
        arguments: [InstanceBehaviour.neverHealthy, .diesAtOnce, .cannotStart("no address is left")])
    func returns(_ behaviour: InstanceBehaviour) async throws {
        let rig = try ControllerRig()
        let store = try rig.open()
        try await rig.deployFirst(store)
        rig.host.withWorld { $0.setBehaviour(behaviour, of: FleetID(environment: production, release: ReleaseNumber(2))) }
        _ = try await rig.request(2, store)
        try await rig.withController(store) { controller in
            try await eventually(rig.host, step: 100, "the rollout returns") { await controller.status.lastRollout?.release == ReleaseNumber(2) }
            #expect(await controller.status.serving?.number == ReleaseNumber(1))
            #expect(await controller.status.split == .all(to: ReleaseNumber(1)))
            try await eventually(rig.host, step: 100, "the new release ends") { await controller.status.fleets.map(\.release) == [ReleaseNumber(1)] }
        }
        let record = try #require(try await store.rollouts(of: production).first)
        #expect(record.result == .returned)
        #expect(record.reason?.isEmpty == false)
        let actions = try await store.events(after: nil, limit: 100, environment: production).map(\.action)
        #expect(actions.contains(.rolloutReturned))
        #expect(actions.contains(.instanceFailed) == (behaviour == .diesAtOnce))
        try store.close()
    }

    @Test("a newer request takes a running rollout's place, and both are on record")
    func superseded() async throws {
        let rig = try ControllerRig()
        let store = try rig.open()
        try await rig.deployFirst(store)
        rig.host.withWorld { $0.setBehaviour(.neverHealthy, of: FleetID(environment: production, release: ReleaseNumber(2))) }
        _ = try await rig.request(2, store)
        try await rig.withController(store) { controller in
            try await eventually(rig.host, "the rollout runs") { await controller.status.rollout?.phase == "starting" }
            let (pending, release) = try await rig.request(3, store)
            await controller.take(pending, release: release)
            try await eventually(rig.host, "the third release serves") { await controller.status.serving?.number == ReleaseNumber(3) }
        }
        let records = try await store.rollouts(of: production)
        #expect(records.map(\.result) == [.succeeded, .superseded, .succeeded])
        #expect(Set(records.map(\.number)).count == 3)
        #expect(records[1].steps.last?.what.contains("gives way") == true)
        try store.close()
    }

    @Test("a request for the release that serves is a rollout of nothing, with a number and a record of its own")
    func nothingToDo() async throws {
        let rig = try ControllerRig()
        let store = try rig.open()
        try await rig.deployFirst(store)
        try await rig.withController(store) { controller in
            for _ in 1...2 {
                let release = try #require(try await store.release(ReleaseNumber(1), of: production))
                let pending = PendingRequest(
                    request: RolloutRequest(kind: .deploy, release: release.number, acceptedAt: rig.host.clock.now), actor: "user:root")
                try await store.request(pending, for: production)
                await controller.take(pending, release: release)
                try await eventually(rig.host, "it is recorded") { await controller.status.lastRollout?.acceptedAt == pending.request.acceptedAt }
                rig.host.advance(by: 10)
            }
        }
        #expect(try await store.rollouts(of: production).map(\.result) == [.succeeded, .succeeded, .succeeded])
        try store.close()
    }

    @Test("a fault of engine or router is told in the status, tried again, and gone when it is over")
    func faults() async throws {
        let rig = try ControllerRig()
        let store = try rig.open()
        try await rig.deployFirst(store)
        try await rig.withController(store) { controller in
            rig.host.withWorld { $0.faults.failsBeforePercent = 100 }
            try await eventually(rig.host, step: 500, "the fault is told") { await !controller.status.problems.isEmpty }
            rig.host.withWorld { $0.faults.failsBeforePercent = 0 }
            try await eventually(rig.host, step: 500, "the fault is gone") { await controller.status.problems.isEmpty }
        }
        try store.close()
    }

    // MARK: A daemon that dies

    static let deaths: [(strategy: Strategy, isGood: Bool, phase: String)] = [
        (.blueGreen, true, "starting"), (.blueGreen, true, "switching"), (.blueGreen, true, "soaking"), (.blueGreen, false, "starting"),
        (.recreate, true, "emptying"), (.recreate, true, "starting"), (.recreate, true, "soaking"),
        (.recreate, false, "returning"),
    ]

    @Test("that is made anew over the same database ends the rollout properly, whatever its phase was", arguments: deaths)
    func restarts(_ death: (strategy: Strategy, isGood: Bool, phase: String)) async throws {
        let rig = try ControllerRig(strategy: death.strategy)
        var store = try rig.open()
        try await rig.deployFirst(store)
        rig.host.withWorld { world in
            let behaviour: InstanceBehaviour = death.isGood ? .good : .neverHealthy
            world.setBehaviour(behaviour, of: FleetID(environment: production, release: ReleaseNumber(2)))
            world.faults.routerLateness = 60
        }
        _ = try await rig.request(2, store)
        try await rig.withController(store) { controller in
            let phases = PhaseWatch(controller.listen())
            try await eventually(rig.host, step: 5, "the phase \(death.phase)") { await phases.hasSeen(death.phase) }
        }
        try store.close()
        store = try rig.open()
        try await rig.withController(store) { controller in
            try await eventually(rig.host, step: 100, "the rollout ends") { await controller.status.lastRollout?.release == ReleaseNumber(2) }
            let serving = ReleaseNumber(death.isGood ? 2 : 1)
            #expect(await controller.status.serving?.number == serving)
            try await eventually(rig.host, step: 100, "only the serving release is left") {
                let status = await controller.status
                return status.fleets.map(\.release) == [serving] && status.split == .all(to: serving)
            }
        }
        #expect(try await store.rollouts(of: production).map(\.result) == [death.isGood ? .succeeded : .returned, .succeeded])
        #expect(try await store.verifyEvents().isIntact)
        try store.close()
    }

    @Test("whose calls died half-way goes on: what was stored is carried out", arguments: 1...24)
    func crashes(_ calls: Int) async throws {
        let rig = try ControllerRig()
        var store = try rig.open()
        try await rig.deployFirst(store)
        _ = try await rig.request(2, store)
        rig.host.withWorld { $0.faults.callsUntilCrash = calls }
        try await rig.withController(store) { controller in
            try await eventually(rig.host, "a crash, or the end") {
                let status = await controller.status
                return !status.problems.isEmpty || status.lastRollout?.release == ReleaseNumber(2)
            }
        }
        try store.close()
        rig.host.withWorld { $0.faults.callsUntilCrash = nil }
        store = try rig.open()
        try await rig.withController(store) { controller in
            try await eventually(rig.host, "the rollout ends") { await controller.status.lastRollout?.release == ReleaseNumber(2) }
            try await eventually(rig.host, step: 100, "only the new release is left") {
                await controller.status.fleets.map(\.release) == [ReleaseNumber(2)]
            }
        }
        #expect(try await store.rollouts(of: production).first?.result == .succeeded)
        try store.close()
    }
}

/// Remembers every phase that was published, however short it was.
final class PhaseWatch: Sendable {
    private let task: Task<Void, Never>
    private let seen: Seen

    actor Seen {
        var phases: Set<String> = []
        func add(_ phase: String) { phases.insert(phase) }
    }

    init(_ statuses: AsyncStream<EnvironmentStatus>) {
        let seen = Seen()
        self.seen = seen
        task = Task {
            for await status in statuses {
                if let phase = status.rollout?.phase { await seen.add(phase) }
            }
        }
    }

    deinit { task.cancel() }

    func hasSeen(_ phase: String) async -> Bool { await seen.phases.contains(phase) }
}
