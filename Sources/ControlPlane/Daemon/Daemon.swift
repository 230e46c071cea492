import Engine
import Foundation
import Glibc
import IngotModel
public import Logging
import Secrets
public import ServiceLifecycle

/// How a daemon is set up.
public struct DaemonConfiguration: Sendable {
    /// Its folder.
    public var root: String
    /// The API's socket; `ROOT/ingot.sock` when `nil`.
    public var socket: String?
    /// Where the API listens over the network; nowhere when `nil`.
    public var remote: RemoteListener?
    public var version: String

    public init(root: String, socket: String? = nil, remote: RemoteListener? = nil, version: String) {
        self.root = root
        self.socket = socket
        self.remote = remote
        self.version = version
    }
}

/// `ingot serve`: it takes up every environment where the database says that it is, ends what nobody owns, and answers the API.
///
/// When it ends, instances and router go on; the next one takes them up.
public final class Daemon: Service {
    private let root: DaemonRoot
    private let store: ControlStore
    private let parts: Parts
    let desk: Desk
    private let socket: String
    private let remote: RemoteServer?
    private let logger: Logger

    public var socketPath: String { socket }

    /// Opens the root and takes everything up. Nothing is changed before `run`.
    ///
    /// - Parameter makeParts: makes the parts, once the root is this process's own. It is given the secrets for the engine.
    /// - Throws: `ControlError`; `control.daemon-running` when another daemon has the root.
    public init(
        _ configuration: DaemonConfiguration, clock: WallClock = .system, logger: Logger,
        makeParts: (SecretVault) async throws -> Parts
    ) async throws {
        self.logger = logger
        root = try DaemonRoot(configuration.root)
        try WriteAheadLog.renew(of: root.database)
        try ControlStore.reserve(root.database)
        store = try ControlStore(path: root.database, clock: clock)
        try await store.takeOver()
        socket = configuration.socket ?? root.socket
        let vault = try SecretVault(folder: root.secrets)
        parts = try await makeParts(vault)
        parts.starts?.answer(from: store)
        let controllers = Controllers()
        parts.promotedTags.add(try await store.environments())
        for environment in try await store.environments() {
            controllers.add(
                try await EnvironmentController(environment, executor: parts.executor, store: store, logger: Self.logger(logger, of: environment)))
        }
        let locks = Locks(store: store, controllers: controllers, logger: logger)
        let examinations = Examinations(store: store, gates: parts.gates)
        let sourcesFile = root.secretSources
        let sources = SecretSources(
            settings: { try SecretSourcesFile.read(sourcesFile) }, files: CredentialFiles { try PrivateFile.read($0, limit: $1) },
            variables: ProcessInfo.processInfo.environment)
        let secrets = SecretReadings(store: store, vault: vault, sources: sources)
        let deployments = Deployments(
            store: store, images: parts.images, examinations: examinations, secrets: secrets, controllers: controllers, locks: locks)
        desk = Desk(
            store: store, parts: parts, vault: vault,
            refreshes: SecretRefreshes(readings: secrets, store: store, deployments: deployments, logger: logger), controllers: controllers,
            deployments: deployments,
            sets: ReleaseSets(store: store, deployments: deployments, controllers: controllers, logger: logger),
            rescans: Rescans(store: store, gates: parts.gates, examinations: examinations, logger: logger),
            access: AccessControl(store: store, logger: logger),
            version: configuration.version, startedAt: clock.now(), logger: logger)
        let desk = desk
        remote = try configuration.remote.map { try RemoteServer(desk: desk, listener: $0, logger: logger) }
    }

    private static func logger(_ logger: Logger, of environment: EnvironmentID) -> Logger {
        var logger = logger
        logger[metadataKey: "environment"] = "\(environment)"
        return logger
    }

    /// Runs until the task is cancelled or a graceful shutdown is asked for; then stops taking requests, ends live answers,
    /// stops looking, and closes the database, in this order.
    public func run() async throws {
        let actor = "user:\(UserDatabase.name(ofUser: geteuid()))"
        try await store.record(
            [EventDraft(.daemonStarted, by: actor, "daemon \(desk.version) started as process \(getpid())")]
                + parts.endedOrphans.map { EventDraft(.orphanEnded, "ended: \($0)") })
        let listeners: [any Service] = [APIServer(desk: desk, socket: socket, logger: logger)] + (remote.map { [$0] } ?? [])
        let services: [any Service] =
            parts.services + [WriterService(fence: store.fence), ControllerService(desk: desk, logger: logger)] + listeners
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: logger))
        do {
            try await group.run()
        } catch {
            try? await stop()
            throw error
        }
        try await stop()
    }

    private func stop() async throws {
        defer { root.release() }
        try await store.record([EventDraft(.daemonStopped, "daemon stopped; instances and router go on")])
        try store.close()
        logger.info("the daemon has stopped; instances and router go on")
    }
}

/// Runs the controllers, and tells them what changes.
struct ControllerService: Service {
    let desk: Desk
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await desk.controllers.run() }
                group.addTask { await desk.sets.run() }
                group.addTask { await desk.controllers.follow(desk.parts.engine.changes()) }
                group.addTask { await desk.controllers.follow(desk.parts.router.changes()) }
                group.addTask { await endOrphans() }
                group.addTask { await desk.deployments.locks.run() }
                group.addTask { await desk.rescans.run() }
                group.addTask { await desk.deployments.tags.run(logger: logger) }
                group.addTask { await desk.refreshes.run() }
                group.addTask { await recordRestarts() }
                await group.waitForAll()
            }
        }
    }

    private func recordRestarts() async {
        for await reason in desk.parts.routerRestarts {
            do {
                try await desk.store.record([EventDraft(.routerRestarted, reason)])
            } catch {
                logger.error("a restart of the router could not be recorded", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Until it has succeeded once.
    private func endOrphans() async {
        let orphans = Orphans(engine: desk.parts.engine, store: desk.store, logger: logger)
        var failures = 0
        while !Task.isCancelled {
            do {
                return try await orphans.end()
            } catch {
                failures += 1
                logger.error("could not look for what nobody owns", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: RetryPause.after(failures: failures).duration)
            }
        }
    }
}
