import ContainerRuntime
public import Engine
import Glibc
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
    /// It is not replaced when it ends, and is ended after `lifetime` (at most `EngineLimits.throwawayLifetime`) if nobody does it before.
    /// - Throws: when it can't be started, ends, or is not ready in a minute; it is gone then.
    public func startThrowaway(
        _ image: Digest, of service: ServiceName, run: RunSettings, configuration: [String: String] = [:],
        secretVersions: [String: Digest] = [:], peers: [InstancePeer] = [], root: RootAccess = .readOnly, lifetime: Milliseconds = .minutes(10)
    ) async throws -> (id: InstanceID, endpoint: Endpoint) {
        let environment = EnvironmentID(service: service, environment: Throwaways.environment)
        let life = min(lifetime, EngineLimits.throwawayLifetime).duration
        let fleet = FleetID(environment: environment, release: ReleaseNumber(Int.random(in: 1...Int.max)))
        let specification = FleetSpecification(
            fleet: fleet, image: image, run: run, configuration: configuration, secretVersions: secretVersions, peers: peers, root: root)
        tell(environment) { $0.startThrowaway(specification, lifetime: life, at: $1) }
        guard let status = state.withLock({ $0.status(of: fleet) }), let instance = status.instances.first else {
            end(fleet)
            throw EngineError.notReady("no throwaway instance of \(image.short) can be started: no address is left")
        }
        do {
            try await waitUntilRunning(instance.id, in: fleet)
            try await waitUntilReady(instance, in: fleet, isObserved: root == .scratch)
            // Nobody would learn its name.
            try Task.checkCancellation()
            return (instance.id, instance.endpoint)
        } catch {
            end(fleet)
            throw error
        }
    }

    /// The service that it was started for, also of one that has ended.
    ///
    /// - Throws: `engine.instance-unknown`.
    public func serviceOfThrowaway(_ id: InstanceID) throws -> ServiceName {
        if let launch = try? throwaway(id) { return launch.fleet.environment.service }
        guard let fleet = ended.withLock({ $0.records.last { $0.identity.id == id } })?.identity.specification.fleet, Throwaways.owns(fleet) else {
            throw EngineError.instanceUnknown(id)
        }
        return fleet.environment.service
    }

    /// Ends it.
    ///
    /// - Throws: `engine.instance-unknown` when there is no such throwaway instance (any more).
    public func endThrowaway(_ id: InstanceID) throws {
        end(try throwaway(id).fleet)
    }

    /// How it ended; `nil` while it runs.
    ///
    /// - Throws: `engine.instance-unknown`.
    public func endingOfThrowaway(_ id: InstanceID) throws -> InstanceEnding? {
        if state.withLock({ $0.instances[id] }) != nil { return nil }
        guard let exit = ended.withLock({ $0.records.last { $0.identity.id == id } })?.exit else { throw EngineError.instanceUnknown(id) }
        return InstanceEnding(words: exit.words, wasKilled: exit.signal == Int(SIGKILL) || exit.outOfMemory, endedAt: exit.endedAt)
    }

    /// Lets all its processes stand still, or go on. One that is ended while it stands still is killed after its grace.
    ///
    /// - Throws: `engine.instance-unknown`.
    public func setFrozen(_ isFrozen: Bool, throwaway id: InstanceID) throws {
        _ = try throwaway(id)
        ControlGroup.instance(id.text).signal(isFrozen ? SIGSTOP : SIGCONT)
    }

    /// Asks the readiness check of a throwaway instance once, also of one that has ended.
    ///
    /// - Returns: `nil` when it is ready, else what is in the way.
    /// - Throws: `engine.instance-unknown`.
    public func hindrance(ofThrowaway id: InstanceID) async throws -> String? {
        let (endpoint, readiness) = try place(ofThrowaway: id)
        return await ReadinessProbe(endpoint: endpoint, readiness: readiness).ask()
    }

    private func place(ofThrowaway id: InstanceID) throws -> (Endpoint, Readiness) {
        if let launch = try? throwaway(id) {
            return (Endpoint(address: "\(launch.address)", port: launch.specification.run.port), launch.specification.run.readiness)
        }
        guard let identity = ended.withLock({ $0.records.last { $0.identity.id == id } })?.identity else { throw EngineError.instanceUnknown(id) }
        return (Endpoint(address: identity.address, port: identity.specification.run.port), identity.specification.run.readiness)
    }

    func throwaway(_ id: InstanceID) throws(EngineError) -> Launch {
        guard let launch = state.withLock({ $0.instances[id]?.launch }), Throwaways.owns(launch.fleet) else { throw .instanceUnknown(id) }
        return launch
    }

    /// Where a throwaway instance can be reached by another.
    ///
    /// - Throws: `engine.instance-unknown`.
    public func peer(_ id: InstanceID, as name: String) throws -> InstancePeer {
        let launch = try throwaway(id)
        return InstancePeer(name: name, address: "\(launch.address)", port: launch.specification.run.port)
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

    /// - Parameter isObserved: whether what it writes and runs until then is put on record.
    private func waitUntilReady(_ instance: InstanceStatus, in fleet: FleetID, isObserved: Bool) async throws {
        let probe = ReadinessProbe(endpoint: instance.endpoint, readiness: instance.readiness)
        let deadline = clock.elapsed() + EngineLimits.throwawayReadiness.duration
        var beginning = WriteObservation()
        while let hindrance = await probe.ask() {
            if isObserved { beginning.sawPrograms(of: instance.id) }
            _ = try isRunning(instance.id, in: fleet)
            guard clock.elapsed() < deadline else {
                throw EngineError.notReady("the instance is not ready after \(EngineLimits.throwawayReadiness): \(hindrance)")
            }
            try await clock.sleep(instance.readiness.startInterval.duration)
        }
        if isObserved { await keepBeginning(beginning, of: instance.id) }
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
