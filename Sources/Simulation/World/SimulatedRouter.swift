public import Engine
public import IngotModel

/// A router whose routes are values in a `SimulatedWorld`.
public struct SimulatedRouter: Router {
    public let host: SimulatedHost
    public init(host: SimulatedHost) { self.host = host }

    public func apply(_ route: Route) async throws {
        try host.send(.apply(route))
    }

    public func observe(_ environment: EnvironmentID) async throws -> RouteObservation? {
        try host.call("observing the route of \(environment)") { $0.answer(for: environment) }
    }

    public func remove(_ environment: EnvironmentID) async throws {
        try call("removing the route of \(environment)") { $0.removeRoute(of: environment) }
    }

    public func traffic(of environment: EnvironmentID) async throws -> [ReleaseTraffic] {
        try call("counting the requests of \(environment)") { $0.route(of: environment)?.traffic ?? [] }
    }

    public func lastRequest(to release: ReleaseNumber, of environment: EnvironmentID) async throws -> Timestamp? {
        try call("finding the last request to release \(release) of \(environment)") {
            $0.route(of: environment)?.lastRequests[release]
        }
    }

    public func changes() -> AsyncStream<EnvironmentID> { host.changes() }

    private func call<Result: Sendable>(_ what: String, _ body: (inout SimulatedWorld) throws -> Result) throws -> Result {
        try host.call(what) { world in
            guard !world.isRouterAway else { throw EngineError.routerAway(what) }
            return try body(&world)
        }
    }
}
