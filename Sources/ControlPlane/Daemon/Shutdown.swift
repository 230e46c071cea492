import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import LocalEngine
public import Logging
import SystemPackage

/// Ends all that a root has running on this machine: its daemon, every instance, the router. What it stores stays, and
/// the next daemon brings back what served.
public struct Shutdown: Sendable {
    /// How long the daemon may take to end after its signal.
    static let patience = Duration.seconds(60)

    public struct Report: Sendable, Codable, Equatable {
        public var daemonEnded: Bool
        public var routerEnded: Bool
        public var instancesEnded: Int
    }

    private let root: String
    private let logger: Logger

    public init(root: String, logger: Logger) {
        self.root = root
        self.logger = logger
    }

    /// - Throws: `ControlError` when the daemon does not end, or the root belongs to somebody else.
    public func run() async throws -> Report {
        guard access(root, F_OK) == 0 else { return Report(daemonEnded: false, routerEnded: false, instancesEnded: 0) }
        let (lock, daemonEnded) = try await takeRoot()
        defer { withExtendedLifetime(lock) {} }
        let path = FilePath(root)
        // The router first: it must not find its servers gone and start to look for them.
        let routerEnded = HAProxyRouter.endProxy(of: path.appending("router"))
        let store = try ImageStore(root: path)
        let instances = try await endInstances(path, store)
        // A root that was only built in has mounts too.
        try store.unmountAll()
        return Report(daemonEnded: daemonEnded, routerEnded: routerEnded, instancesEnded: instances)
    }

    private func endInstances(_ root: FilePath, _ store: ImageStore) async throws -> Int {
        guard access(root.appending("engine").string, F_OK) == 0 else { return 0 }
        let engine = try LocalEngine(
            folder: root.appending("engine"), store: store, runtime: try await OCIRuntime.detect(), supervisor: "ingot-supervisor",
            secrets: VaultSecrets(vault: try SecretVault(folder: root.appending("secrets").string)), logger: logger)
        let count = engine.instances().count { $0.endedAt == nil }
        await engine.removeEverything()
        return count
    }

    /// The root for this process alone, after its daemon has been told to end and has.
    private func takeRoot() async throws -> (root: DaemonRoot, daemonEnded: Bool) {
        let deadline = ContinuousClock.now + Self.patience
        var signalled: pid_t?
        while true {
            do {
                return (try DaemonRoot(root), signalled != nil)
            } catch let error as ControlError where error.code == "control.daemon-running" {
                guard ContinuousClock.now < deadline else { throw error }
                if signalled == nil, let holder = DaemonRoot.holder(of: root) {
                    kill(holder, SIGTERM)
                    signalled = holder
                }
            }
            // A lock that is let go of wakes only those who wait in flock, which can't be given up in time.
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension DaemonRoot {
    /// The process that wrote its number when it took the root; meaningful only while the lock is held.
    static func holder(of path: String) -> pid_t? {
        guard let bytes = try? PrivateFile.read("\(path)/daemon.lock", limit: 32) else { return nil }
        return pid_t(String(decoding: bytes.prefix { (48...57).contains($0) }, as: UTF8.self)).flatMap { $0 > 1 ? $0 : nil }
    }
}
