public import Engine
public import IngotModel

/// An engine whose instances are values in a `SimulatedWorld`.
public struct SimulatedEngine: Engine {
    public let host: SimulatedHost
    public init(host: SimulatedHost) { self.host = host }

    public func resize(_ fleet: FleetSpecification, to size: Int, ending: Set<InstanceID>?, generation: Generation) async throws {
        try host.send(.resize(fleet, to: size, ending: ending, generation: generation))
    }

    public func fence(_ environment: EnvironmentID, generation: Generation) async throws {
        try host.send(.fence(environment, generation: generation))
    }

    public func generation(of environment: EnvironmentID) async throws -> Generation {
        try host.call("asking for the generation of \(environment)") { $0.engineGenerations[environment] ?? Generation(0) }
    }

    public func fleets(of environment: EnvironmentID) async throws -> [FleetStatus] {
        try host.call("listing the fleets of \(environment)") { world in
            world.fleets.filter { $0.specification.fleet.environment == environment }.map(\.status)
        }
    }

    public func allFleets() async throws -> [FleetID] {
        try host.call("listing all fleets") { world in
            world.fleets.filter { !$0.instances.isEmpty }.map(\.specification.fleet)
        }
    }

    public func changes() -> AsyncStream<EnvironmentID> { host.changes() }
}
