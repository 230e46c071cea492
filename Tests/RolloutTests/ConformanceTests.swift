import Engine
import IngotModel
import Simulation
import Testing

@Suite("The simulated parts keep the promises of the real ones")
struct ConformanceTests {
    let host = SimulatedHost(seed: 7)

    @Test("the simulated engine passes the suite that every engine must pass")
    func engine() async throws {
        let suite = EngineConformance(
            engine: host.engine, first: FleetSpecification(.simulated(1)), second: FleetSpecification(.simulated(2)),
            patience: SimulatedPatience(host: host))
        try await suite.all()
        #expect(host.withWorld { $0.fleets.isEmpty })
    }

    @Test("the simulated router passes the suite that every router must pass", arguments: [0, 300] as [Milliseconds])
    func router(lateness: Milliseconds) async throws {
        host.withWorld { $0.faults.routerLateness = lateness }
        let first = try await server(.simulated(1))
        let second = try await server(.simulated(2))
        let sibling = try await server(.simulated(1), besides: first.instance)
        var dead = second
        dead.instance = InstanceID(random: 1)
        let third = FleetSpecification(.simulated(3))
        host.withWorld { world in
            var behaviour = InstanceBehaviour.good
            behaviour.checkTakes = 300
            world.setBehaviour(behaviour, of: third.fleet)
        }
        let slow = try await server(.simulated(3))
        let suite = RouterConformance(
            router: host.router, environment: .simulated, host: "shop.example", first: first, second: second, sibling: sibling,
            dead: dead, slow: slow, user: SimulatedUser(host: host, environment: .simulated), patience: SimulatedPatience(host: host))
        try await suite.all()
        #expect(host.withWorld { $0.routes.isEmpty })
    }

    /// An engine that takes orders from an executor that was overtaken.
    struct GullibleEngine: Engine {
        let engine: SimulatedEngine
        func resize(_ fleet: FleetSpecification, to size: Int, ending: Set<InstanceID>?, generation: Generation) async throws {
            try await engine.resize(fleet, to: size, ending: ending, generation: Generation(.max))
        }
        func fleets(of environment: EnvironmentID) async throws -> [FleetStatus] { try await engine.fleets(of: environment) }
        func fence(_ environment: EnvironmentID, generation: Generation) async throws {}
        func generation(of environment: EnvironmentID) async throws -> Generation { try await engine.generation(of: environment) }
        func allFleets() async throws -> [FleetID] { try await engine.allFleets() }
        func changes() -> AsyncStream<EnvironmentID> { engine.changes() }
    }

    @Test("the suite finds an engine that breaks a promise, says which, and cleans up all the same")
    func gullible() async throws {
        let suite = EngineConformance(
            engine: GullibleEngine(engine: host.engine), first: FleetSpecification(.simulated(1)), second: FleetSpecification(.simulated(2)),
            patience: SimulatedPatience(host: host))
        await #expect {
            try await suite.all()
        } throws: { error in
            (error as? ConformanceViolation)?.message.contains("is refused after") == true
        }
        #expect(host.withWorld { $0.fleets.isEmpty })
    }

    private func server(_ release: Release, besides other: InstanceID? = nil) async throws -> RouteServer {
        try await host.engine.resize(FleetSpecification(release), to: other == nil ? 1 : 2, generation: Generation(1))
        let status = try await host.engine.fleets(of: .simulated).first { $0.fleet == release.fleet }
        let instance = try #require(status?.instances.first { $0.id != other })
        return RouteServer(
            instance: instance.id, release: release.number, endpoint: instance.endpoint, readiness: instance.readiness, state: .active)
    }
}
