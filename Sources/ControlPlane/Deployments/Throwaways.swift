import API
import AsyncHTTPClient
import Engine
import IngotModel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Instances for tests: each is a fleet of one in an environment of its own that nobody else knows, never routed to.
/// After a crash nobody owns them, so they are found and ended like everything that nobody owns.
actor Throwaways {
    /// At the same time.
    static let most = 16
    static let namePrefix = "throwaway-"

    private struct Running {
        var specification: FleetSpecification
        var end: Task<Void, Never>
    }

    private let engine: any Engine
    private let images: any ImageCatalog
    private let store: ControlStore
    private let vault: SecretVault
    private let logger: Logger
    private var running: [InstanceID: Running] = [:]
    private var starting: Set<FleetID> = []

    init(engine: any Engine, images: any ImageCatalog, store: ControlStore, vault: SecretVault, logger: Logger) {
        self.engine = engine
        self.images = images
        self.store = store
        self.vault = vault
        self.logger = logger
    }

    var fleets: Set<FleetID> { starting.union(running.values.map(\.specification.fleet)) }

    /// Starts an instance with the settings and the configuration of the service's first environment; returns when it is ready.
    func start(_ request: ThrowawayRequest, of name: ServiceName) async throws -> Throwaway {
        let specification = try await specification(request, of: name)
        let fleet = specification.fleet
        starting.insert(fleet)
        defer { starting.remove(fleet) }
        do {
            try await engine.resize(specification, to: 1, generation: Generation(1))
            let instance = try await ready(specification, within: min(request.lifetime, Limits.throwawayLifetime))
            keep(instance.id, specification, for: min(request.lifetime, Limits.throwawayLifetime))
            return Throwaway(id: instance.id, url: "http://\(instance.endpoint)")
        } catch {
            await end(specification)
            throw error
        }
    }

    func end(_ id: InstanceID) async throws {
        guard let ended = running.removeValue(forKey: id) else { throw ControlError.notFound("throwaway instance \(id)") }
        ended.end.cancel()
        try await engine.resize(ended.specification, to: 0, generation: Generation(2))
    }

    func endAll() async {
        for id in running.keys { try? await end(id) }
    }

    private func keep(_ id: InstanceID, _ specification: FleetSpecification, for lifetime: Milliseconds) {
        let end = Task { [weak self] in
            guard (try? await Task.sleep(for: lifetime.duration)) != nil else { return }
            try? await self?.end(id)
        }
        running[id] = Running(specification: specification, end: end)
    }

    private func end(_ specification: FleetSpecification) async {
        do {
            try await engine.resize(specification, to: 0, generation: Generation(2))
        } catch {
            logger.error("a throwaway instance could not be ended", metadata: ["fleet": "\(specification.fleet)", "error": "\(error)"])
        }
    }

    private func specification(_ request: ThrowawayRequest, of name: ServiceName) async throws -> FleetSpecification {
        guard let service = try await store.specification(of: name) else { throw ControlError.unknownService(name) }
        guard running.count + starting.count < Self.most else {
            throw ControlError("too-many-throwaways", "\(Self.most) throwaway instances run already", remedy: "wait for a test to end", kind: .conflict)
        }
        guard try await images.facts(of: request.image) != nil else { throw ControlError.notFound("image \(request.image)") }
        guard request.lifetime > 0 else { throw ControlError.invalid("the lifetime of a throwaway instance must be more than nothing") }
        let environment = service.environments.first
        try environment?.checkConfiguration(service.run.configurationKeys, of: name)
        let digits = InstanceID(random: .random(in: 0 ... .max))
        let id = EnvironmentID(service: name, environment: EnvironmentName(uncheckedName: Self.namePrefix + digits.text))
        return FleetSpecification(
            fleet: FleetID(environment: id, release: ReleaseNumber(1)), image: request.image, run: service.run,
            configuration: environment?.configuration ?? [:],
            secretVersions: try vault.take(service.run.secretNames, from: environment?.secretFiles ?? [:]))
    }

    // MARK: Readiness

    /// Asks as the router would, until the instance answers, or ends too often, or the time has passed.
    private func ready(_ specification: FleetSpecification, within patience: Milliseconds) async throws -> InstanceStatus {
        let deadline = ContinuousClock.now + patience.duration
        let readiness = specification.run.readiness
        while ContinuousClock.now < deadline {
            let status = try await engine.fleets(of: specification.fleet.environment).first
            if let error = status?.startError { throw Self.notReady(specification, error) }
            if let status, status.failures > 0 { throw Self.notReady(specification, status.lastFailure ?? "it ended by itself") }
            if let instance = status?.instances.first(where: { !$0.isEnding }), await ReadinessProbe.passes(instance.endpoint, readiness) {
                return instance
            }
            try await Task.sleep(for: max(readiness.startInterval, 10).duration)
        }
        throw Self.notReady(specification, "it did not answer within \(patience)")
    }

    private static func notReady(_ specification: FleetSpecification, _ why: String) -> ControlError {
        ControlError(
            "throwaway-not-ready", "an instance of image \(specification.image.short) does not get ready: \(why)",
            remedy: "look at what it prints: run the image by hand, or see 'readiness' in ingot.yaml", kind: .conflict)
    }
}

/// One check of an instance, as the router does it.
enum ReadinessProbe {
    static func passes(_ endpoint: Endpoint, _ readiness: Readiness) async -> Bool {
        guard let path = readiness.path else { return await connects(endpoint, readiness.timeout) }
        let request = HTTPClientRequest(url: "http://\(endpoint)\(path)")
        let response = try? await HTTPClient.shared.execute(request, timeout: .milliseconds(Int64(readiness.timeout.count)))
        return response.map { (200..<400).contains($0.status.code) } ?? false
    }

    private static func connects(_ endpoint: Endpoint, _ timeout: Milliseconds) async -> Bool {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.milliseconds(Int64(timeout.count)))
        guard let channel = try? await bootstrap.connect(host: endpoint.address, port: endpoint.port).get() else { return false }
        try? await channel.close().get()
        return true
    }
}
