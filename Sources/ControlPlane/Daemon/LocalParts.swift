import API
import ContainerRuntime
import Dispatch
import Engine
import Gates
import Glibc
public import ImageStore
import IngotModel
import LocalEngine
public import Logging
public import ServiceLifecycle
import SystemPackage

/// The real parts, on this machine.
public struct LocalParts: Sendable {
    /// Where the router listens, as HAProxy writes it: `*:80`, `127.0.0.1:8080`.
    public var binds: [String]
    /// Where instances get their addresses, as a CIDR range; a private one that nothing here uses when `nil`.
    public var addressRange: String?
    /// The executable `ingot-supervisor`; the one beside this program when `nil`.
    public var supervisor: String?
    /// What runs besides over the daemon's store, such as a registry.
    public var besides: @Sendable (ImageStore, PromotedTags, Logger) -> [any Service]

    public init(
        binds: [String] = ["*:80"], addressRange: String? = nil, supervisor: String? = nil,
        besides: @escaping @Sendable (ImageStore, PromotedTags, Logger) -> [any Service] = { _, _, _ in [] }
    ) {
        self.binds = binds
        self.addressRange = addressRange
        self.supervisor = supervisor
        self.besides = besides
    }

    /// A daemon over the real parts: it takes up the router and every instance that a daemon before left running.
    public func daemon(_ configuration: DaemonConfiguration, logger: Logger) async throws -> Daemon {
        guard ProcessMemory.keepPrivate() else {
            throw ControlError.system(
                "memory-not-private", "the daemon can't keep its memory out of core dumps", remedy: "see prctl(2), PR_SET_DUMPABLE")
        }
        return try await Daemon(configuration, logger: logger) { vault in
            try await parts(root: FilePath(configuration.root), vault: vault, logger: logger)
        }
    }

    private func parts(root: FilePath, vault: SecretVault, logger: Logger) async throws -> Parts {
        let range = try range()
        let supervisor = try supervisorProgram()
        let store = try ImageStore(root: root)
        let runtime = try await OCIRuntime.detect()
        let gates = LocalGates(examiner: ImageExaminer(store: store, advisories: AdvisoryIndex.path(under: root)), store: store)
        let starts = VerifiedStarts(signatures: gates)
        let engine = try LocalEngine(
            folder: root.appending("engine"), store: store, runtime: runtime, supervisor: supervisor, secrets: VaultSecrets(vault: vault),
            starts: Permission(starts: starts), addressRange: range, logger: logger)
        let router = HAProxyRouter(
            folder: root.appending("router"), configuration: RouterConfiguration(binds: binds), logger: logger)
        try await router.start()
        let promoted = PromotedTags()
        return Parts(
            engine: engine, router: router, images: LocalImages(store: store),
            gates: gates,
            instances: LocalInstances(engine: engine),
            throwaways: LocalThrowaways(engine: engine),
            host: LocalHost(runtime: "\(runtime.name) \(runtime.version)", routerAddress: binds.joined(separator: ", "), root: root, haproxy: router),
            starts: starts,
            endedOrphans: engine.orphans.map(\.what), routerRestarts: Self.restarts(router),
            promotedTags: promoted, services: [EngineService(engine: engine), RouterService(router: router)] + besides(store, promoted, logger))
    }

    private func range() throws -> AddressRange? {
        guard let addressRange else { return nil }
        guard let range = AddressRange(text: addressRange) else {
            throw ControlError.invalid("'\(addressRange)' is not a range of addresses", remedy: "write it as 10.66.0.0/16")
        }
        return range
    }

    private func supervisorProgram() throws -> FilePath {
        let path = supervisor.map { FilePath($0) } ?? Self.ownFolder.appending("ingot-supervisor")
        guard access(path.string, X_OK) == 0 else {
            throw ControlError.system(
                "supervisor-missing", "\(path) can't be executed", remedy: "install 'ingot-supervisor' beside 'ingot'",
                cause: SystemCallError(call: "access", code: errno))
        }
        return path
    }

    private static var ownFolder: FilePath {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return FilePath(String(decoding: bytes, as: UTF8.self)).removingLastComponent()
    }

    private static func restarts(_ router: HAProxyRouter) -> AsyncStream<String> {
        let events = router.events
        return AsyncStream(bufferingPolicy: .bufferingNewest(100)) { continuation in
            let task = Task {
                for await case .restarted(let reason) in events { continuation.yield(reason) }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

struct VaultSecrets: SecretSource {
    let vault: SecretVault
    func value(of digest: Digest) throws -> [UInt8] { try vault.value(of: digest) }
}

private struct Permission: StartPermission {
    let starts: VerifiedStarts
    func check(_ image: Digest, of fleet: FleetID) async throws { try await starts.check(image, of: fleet) }
}

/// Lets the engine work until the daemon stops. Instances go on.
private struct EngineService: Service {
    let engine: LocalEngine
    func run() async throws {
        await cancelWhenGracefulShutdown { try? await engine.run() }
    }
}

/// Lets the router be looked after until the daemon stops. HAProxy goes on.
private struct RouterService: Service {
    let router: HAProxyRouter
    func run() async throws {
        await cancelWhenGracefulShutdown { try? await router.run() }
        await router.close(endingProxy: false)
    }
}

private struct LocalImages: ImageCatalog {
    let store: ImageStore

    /// What was pushed to the registry becomes an image when it is first asked for, which takes its time.
    func resolve(_ reference: String) async throws -> Digest? {
        if let image = try store.resolve(reference) { return image }
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try store.takeUp(reference) }) }
        }
    }

    func facts(of digest: Digest) async throws -> ImageFacts? {
        guard store.contains(digest) else { return nil }
        let image = try store.image(digest)
        return ImageFacts(digest: digest, size: image.size, commit: image.revision, isDirty: image.isDirty)
    }

    func tag(_ image: Digest, as name: String) async throws { try store.tag(image, as: name) }

    func collectGarbage(pinned: Set<Digest>) async throws -> GarbageReport {
        let result = try store.collectGarbage(pinned: pinned)
        return GarbageReport(removedBlobs: result.removedBlobs, freed: result.freed)
    }
}

private struct LocalGates: ImageGates {
    let examiner: ImageExaminer
    let store: ImageStore

    func verdicts(on image: Digest, by policy: GatePolicy, at now: Timestamp) async throws -> [GateVerdict] {
        try await examiner.examine(image, by: policy, at: now).verdicts
    }

    func advisories() async -> String? { examiner.advisories.identity?.description }

    func signed(about image: Digest, keys: [VerificationKey]) async throws -> SignedEvidence {
        SignedEvidence(try store.signedDocuments(about: image), about: image, keys: keys)
    }
}

private struct LocalInstances: InstanceSource {
    let engine: LocalEngine

    func instances() async throws -> [InstanceDetails] {
        engine.instances().map { record in
            InstanceDetails(
                id: record.id, environment: record.fleet.environment, release: record.fleet.release, image: record.image,
                state: record.state.rawValue, startedAt: record.startedAt, endedAt: record.endedAt, ending: record.ending,
                address: record.endpoint.description, health: "unknown", requestsInFlight: 0, processID: record.processID,
                rootProtection: record.rootProtection)
        }
    }

    func logs(of environment: EnvironmentID, instance: InstanceID?, tail: Int, follow: Bool) -> AsyncStream<LogLine> {
        let records =
            instance.map { engine.logs(of: $0, last: tail, follow: follow) }
            ?? engine.logs(of: environment, last: tail, follow: follow)
        return AsyncStream(bufferingPolicy: .bufferingNewest(LiveItems.mostWaiting)) { continuation in
            let task = Task {
                for await record in records {
                    continuation.yield(LogLine(at: record.at, instance: record.instance, stream: Self.stream(record.stream), line: record.line))
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func stream(_ stream: LogRecord.Stream) -> LogLine.Stream {
        switch stream {
        case .stdout: .stdout
        case .stderr: .stderr
        }
    }
}

private struct LocalThrowaways: ThrowawaySource {
    let engine: LocalEngine

    func start(_ specification: ThrowawaySpecification) async throws -> Throwaway {
        let peers = try specification.peers.sorted { $0.key < $1.key }.map { try engine.peer($0.value, as: $0.key) }
        let (id, endpoint) = try await engine.startThrowaway(
            specification.image, of: specification.service, run: specification.run, configuration: specification.configuration,
            secretVersions: specification.secretVersions, peers: peers, root: specification.root, lifetime: specification.lifetime)
        return Throwaway(id: id, url: "http://\(endpoint)")
    }

    func service(of id: InstanceID) async throws -> ServiceName { try engine.serviceOfThrowaway(id) }
    func end(_ id: InstanceID) async throws { try engine.endThrowaway(id) }
    func ending(of id: InstanceID) async throws -> InstanceEnding? { try engine.endingOfThrowaway(id) }
    func setFrozen(_ isFrozen: Bool, _ id: InstanceID) async throws { try engine.setFrozen(isFrozen, throwaway: id) }
    func hindrance(of id: InstanceID) async throws -> String? { try await engine.hindrance(ofThrowaway: id) }
    func writes(of id: InstanceID) async throws -> WriteRecord { try await engine.writes(of: id) }
}

private struct LocalHost: HostFacts {
    let runtime: String
    let routerAddress: String
    let root: FilePath
    let haproxy: HAProxyRouter

    var router: String { "HAProxy" }

    var rootProtection: String { (try? ImageStore.rootProtection(root: root))?.rawValue ?? "unknown" }

    func problems() async -> [String] {
        await haproxy.processID() == nil ? ["HAProxy does not run"] : []
    }
}
