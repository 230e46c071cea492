// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Engine
import IngotModel
import Rollout
import Simulation
import Testing

@testable import ControlPlane

/// Three services, of which two come after the first.
enum Storefront {
    static let names = ["catalog", "shop", "search"].map { ServiceName($0)! }
    static func id(_ name: String) -> EnvironmentID { EnvironmentID(text: "\(name)/production")! }

    static func service(_ name: ServiceName, tests: [String] = [], warm: Milliseconds = .seconds(3)) -> ServiceSpecification {
        var environment = environmentSpecification("production", warm: warm)
        environment.host = "\(name).test"
        var specification = serviceSpecification(tests: tests, environments: [environment])
        specification.service = name
        return specification
    }

    /// All three to an image, `catalog` first.
    static func set(_ image: String = "2", deadline: Milliseconds = .minutes(60), images: [String: String] = [:]) -> ReleaseSetRequest {
        ReleaseSetRequest(
            environment: EnvironmentName("production")!,
            specification: ReleaseSetSpecification(
                name: ReleaseSetName("storefront")!, deadline: deadline,
                members: names.map { name in
                    .init(service: name, reference: images[name.name] ?? image, after: name.name == "catalog" ? [] : [names[0]])
                }))
    }
}

extension ReleaseSetStatus {
    var phases: [String] { members.map(\.phase) }
}

/// The storefront over a simulated machine, and a database that outlives whoever works with it.
final class ReleaseSetRig: Sendable {
    let host = SimulatedHost(seed: 11)
    let folder: TemporaryFolder
    private let images: any ImageCatalog
    private let gates: any ImageGates

    init(images: any ImageCatalog = FakeImages(), gates: any ImageGates = FakeGates()) throws {
        folder = try TemporaryFolder()
        self.images = images
        self.gates = gates
    }

    /// Everything of a daemon that is about sets. It ends without any chance to tidy up.
    struct Life: Sendable {
        let store: ControlStore
        let controllers: Controllers
        let deployments: Deployments
        let sets: ReleaseSets

        func states() async -> [String: ReleaseNumber?] {
            var states: [String: ReleaseNumber?] = [:]
            for controller in controllers.list { states[await controller.environment.service.name] = await controller.state.serving }
            return states
        }

        func areQuiet() async -> Bool {
            for controller in controllers.list {
                if await controller.isMoving { return false }
                if await controller.hasUntakenCommands { return false }
            }
            return true
        }
    }

    private func life() async throws -> Life {
        let store = try ControlStore(path: "\(folder.path)/ingot.db", clock: WallClock(host.clock))
        for name in Storefront.names { try await store.register(Storefront.service(name), by: "user:root") }
        let controllers = Controllers()
        for environment in try await store.environments() {
            let executor = Executor(engine: host.engine, router: host.router)
            controllers.add(try await EnvironmentController(environment, executor: executor, store: store, logger: quiet))
        }
        let vault = try SecretVault(folder: "\(folder.path)/secrets")
        let deployments = Deployments(
            store: store, images: images, examinations: Examinations(store: store, gates: gates),
            secrets: SecretReadings(store: store, vault: vault, sources: .none),
            controllers: controllers, locks: Locks(store: store, controllers: controllers, logger: quiet))
        return Life(
            store: store, controllers: controllers, deployments: deployments,
            sets: ReleaseSets(store: store, deployments: deployments, controllers: controllers, logger: quiet))
    }

    /// One life in which nothing moves by itself: what the body stores is all that is left of it.
    func instant<Result: Sendable>(_ body: @Sendable (Life) async throws -> Result) async throws -> Result {
        let life = try await life()
        let result = try await body(life)
        try life.store.close()
        return result
    }

    /// One life in which the environments go on, and the sets too if they are to.
    func running<Result: Sendable>(sets: Bool, _ body: @Sendable (Life) async throws -> Result) async throws -> Result {
        let life = try await life()
        let changes = host.engine.changes()
        let tasks = [
            Task { await life.controllers.run() }, Task { await life.controllers.follow(changes) }, Task { if sets { await life.sets.run() } },
        ]
        defer { for task in tasks { task.cancel() } }
        let result = try await body(life)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        try life.store.close()
        return result
    }

    /// Every member serves release 1.
    func deployFirst() async throws {
        try await running(sets: false) { life in
            for name in Storefront.names {
                _ = try await life.deployments.deploy("1", to: Storefront.id(name.name), by: "user:root")
            }
            try await eventually(self.host, "the first releases serve") { await life.areQuiet() }
        }
    }

    /// Kills the daemon after each look at the set, and again when the environments have done what was asked of them.
    func dyingAtEachStep(_ number: ReleaseSetNumber) async throws -> ReleaseSetStatus {
        for _ in 0..<30 {
            let status = try await instant { life in
                _ = await life.sets.look()
                return try await life.sets.status(of: number)
            }
            if status.state.hasEnded { return status }
            try await running(sets: false) { life in
                try await eventually(self.host, step: 50, "the environments rest") { await life.areQuiet() }
            }
        }
        Issue.record("the set does not end")
        throw NotComeAbout()
    }
}
