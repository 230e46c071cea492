public import IngotModel

/// Carries out targets and gathers observations. It takes no decision: everything that could be one is in the target.
public struct Executor: Sendable {
    public let engine: any Engine
    public let router: any Router

    public init(engine: any Engine, router: any Router) {
        self.engine = engine
        self.router = router
    }

    /// Makes an environment be as its target says. Idempotent; safe to stop at any point and to run again.
    ///
    /// Fleets grow first, then the route changes, then fleets shrink: at no point between is there less than both
    /// the old and the new target allow. A fleet that can't grow keeps nobody else waiting: the others grow, and the route,
    /// which gives nothing to an instance that the router has not seen healthy, still changes; but nothing shrinks.
    ///
    /// - Throws: the first error, once everything that could be done is done. After `EngineError.staleGeneration` nothing more is done.
    public func carryOut(_ target: EnvironmentTarget, of environment: EnvironmentID, host: String, releases: [Release]) async throws {
        let known = Dictionary(releases.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        try await engine.fence(environment, generation: target.generation)
        let statuses = try await engine.fleets(of: environment)
        let failure = try await grow(statuses, to: target, known)
        try await router.apply(route(for: target, of: environment, host: host))
        if let failure { throw failure }
        for status in statuses {
            let wanted = target.size(of: status.fleet.release)
            let ending = target.sizes.first { $0.release == status.fleet.release }?.ending ?? []
            let isToEnd = status.instances.contains { ending.contains($0.id) && !$0.isEnding }
            guard status.size > wanted || isToEnd, let release = known[status.fleet.release] else { continue }
            try await engine.resize(FleetSpecification(release), to: wanted, ending: wanted > 0 ? ending : nil, generation: target.generation)
        }
    }

    /// Grows every fleet that is too small; returns the first failure.
    private func grow(_ statuses: [FleetStatus], to target: EnvironmentTarget, _ known: [ReleaseNumber: Release]) async throws -> (any Error)? {
        var failure: (any Error)?
        for size in target.sizes {
            guard let release = known[size.release] else { continue }
            let current = statuses.first { $0.fleet.release == size.release }?.size ?? 0
            guard current < size.size else { continue }
            do {
                try await engine.resize(FleetSpecification(release), to: size.size, generation: target.generation)
            } catch let error as EngineError where error.code != EngineError.staleGenerationCode {
                failure = failure ?? error
            }
        }
        return failure
    }

    /// The engine's and the router's view of an environment, joined.
    public func observe(_ environment: EnvironmentID) async throws -> Observation {
        let generation = try await engine.generation(of: environment)
        let statuses = try await engine.fleets(of: environment)
        let route = try await router.observe(environment)
        return Observation(
            fleets: statuses.map { Self.join($0, route) }, split: route?.split, engineGeneration: generation, routeGeneration: route?.generation)
    }

    private func route(for target: EnvironmentTarget, of environment: EnvironmentID, host: String) async throws -> Route {
        let leaving = Dictionary(target.leaving.map { ($0.instance, $0.isCut) }, uniquingKeysWith: { first, _ in first })
        let servers = try await engine.fleets(of: environment).flatMap { status in
            status.instances.map { instance in
                RouteServer(
                    instance: instance.id, release: status.fleet.release, endpoint: instance.endpoint,
                    readiness: instance.readiness,
                    state: Self.state(of: instance, in: status.fleet.release, target, isCut: leaving[instance.id]))
            }
        }
        return Route(
            environment: environment, generation: target.generation, host: host, split: target.split, servers: servers, testers: target.testers,
            sticky: target.sticky, streamLimits: target.streamLimits)
    }

    /// - Parameter isCut: whether an instance that leaves is cut; `nil` when it stays.
    private static func state(
        of instance: InstanceStatus, in release: ReleaseNumber, _ target: EnvironmentTarget, isCut: Bool?
    ) -> RouteServer.State {
        if let isCut { return isCut ? .cutting : .draining }
        if target.cutting.contains(release) { return .cutting }
        return instance.isEnding || target.draining.contains(release) ? .draining : .active
    }

    private static func join(_ status: FleetStatus, _ route: RouteObservation?) -> FleetObservation {
        let instances = status.instances.map { instance in
            let seen = route?.servers[instance.id]
            return InstanceObservation(
                id: instance.id, health: instance.isEnding ? .ending : seen?.health ?? .starting,
                requestsInFlight: seen?.requestsInFlight ?? 0, streamsInFlight: seen?.streamsInFlight ?? 0, served: seen?.served,
                checkResult: seen?.checkResult, startedAt: instance.startedAt)
        }
        return FleetObservation(
            release: status.fleet.release, size: status.size, instances: instances, failures: status.failures,
            lastFailure: status.lastFailure, startError: status.startError)
    }
}
