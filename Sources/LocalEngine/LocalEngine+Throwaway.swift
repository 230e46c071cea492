public import Engine
public import IngotModel
import Synchronization

/// Instances outside every environment, for tests of an image.
enum Throwaways {
    /// Under this name no environment of a user's can be routed to: nothing resizes or routes these fleets.
    static let environment = EnvironmentName.throwaway

    static func owns(_ fleet: FleetID) -> Bool { fleet.environment.environment == environment }
}

extension LocalEngine {
    /// Starts one instance that belongs to no environment and waits until it is ready.
    ///
    /// It is not replaced when it ends, and is ended after `lifetime` (at most an hour) if nobody does it before.
    /// - Throws: when it can't be started, ends, or is not ready in a minute; it is gone then.
    public func startThrowaway(
        _ image: Digest, of service: ServiceName, run: RunSettings, configuration: [String: String] = [:],
        secretVersions: [String: Digest] = [:], lifetime: Milliseconds = .minutes(10)
    ) async throws -> (id: InstanceID, endpoint: Endpoint) {
        let environment = EnvironmentID(service: service, environment: Throwaways.environment)
        let life = min(lifetime, EngineLimits.throwawayLifetime).duration
        let fleet = FleetID(environment: environment, release: ReleaseNumber(Int.random(in: 1...Int.max)))
        let specification = FleetSpecification(
            fleet: fleet, image: image, run: run, configuration: configuration, secretVersions: secretVersions)
        tell(environment) { $0.startThrowaway(specification, lifetime: life, at: $1) }
        guard let status = state.withLock({ $0.status(of: fleet) }), let instance = status.instances.first else {
            end(fleet)
            throw EngineError.notReady("no throwaway instance of \(image.short) can be started: no address is left")
        }
        do {
            try await waitUntilRunning(instance.id, in: fleet)
            try await waitUntilReady(instance, in: fleet)
            return (instance.id, instance.endpoint)
        } catch {
            end(fleet)
            throw error
        }
    }

    /// Ends it.
    ///
    /// - Throws: `engine.instance-unknown` when there is no such throwaway instance (any more).
    public func endThrowaway(_ id: InstanceID) throws {
        guard let fleet = state.withLock({ $0.instances[id]?.launch.fleet }), Throwaways.owns(fleet) else {
            throw EngineError.instanceUnknown(id)
        }
        end(fleet)
    }

    private func end(_ fleet: FleetID) {
        tell(fleet.environment) { $0.endThrowaway(fleet, at: $1) }
    }

    private func waitUntilRunning(_ id: InstanceID, in fleet: FleetID) async throws {
        let changes = changes()
        if try isRunning(id, in: fleet) { return }
        for await environment in changes where environment == fleet.environment {
            if try isRunning(id, in: fleet) { return }
        }
        throw EngineError.closed()
    }

    private func waitUntilReady(_ instance: InstanceStatus, in fleet: FleetID) async throws {
        let probe = ReadinessProbe(endpoint: instance.endpoint, readiness: instance.readiness)
        let deadline = clock.elapsed() + EngineLimits.throwawayReadiness.duration
        while let hindrance = await probe.ask() {
            _ = try isRunning(instance.id, in: fleet)
            guard clock.elapsed() < deadline else {
                throw EngineError.notReady("the instance is not ready after \(EngineLimits.throwawayReadiness): \(hindrance)")
            }
            try await clock.sleep(instance.readiness.startInterval.duration)
        }
    }

    /// - Throws: when it has ended, with the way it did.
    private func isRunning(_ id: InstanceID, in fleet: FleetID) throws -> Bool {
        let (instance, failure) = state.withLock { ($0.instances[id], $0.fleets[fleet]?.lastFailure) }
        guard let instance, !instance.isEnding else {
            throw EngineError.notReady("the instance has ended: \(failure ?? "it was told to")")
        }
        return instance.isRunning
    }
}
