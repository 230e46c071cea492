import ContainerRuntime
import ImageStore
import LocalEngine
public import Logging
import SystemPackage

extension LocalParts {
    /// How long a daemon that is told to end may take.
    private static let patience = Duration.seconds(30)

    /// Ends the daemon of a root, its instances and its router, and takes away what they have put on this machine besides
    /// files: mounts, networks, control groups. Images, releases and events stay; a daemon that is started again runs
    /// everything anew.
    ///
    /// - Throws: when there is no such root, or its daemon does not end.
    public func endEverything(root: String, logger: Logger) async throws {
        try PrivateFile.checkOwner(root)
        let held = try await DaemonRoot.takeOver(root, patience: Self.patience)
        let path = FilePath(held.path)
        let store = try ImageStore(root: path)
        let engine = try LocalEngine(
            folder: path.appending("engine"), store: store, runtime: try await OCIRuntime.detect(), supervisor: try supervisorProgram(),
            secrets: VaultSecrets(vault: try SecretVault(folder: held.secrets)), addressRange: try range(), logger: logger)
        await engine.removeEverything()
        await HAProxyRouter(folder: path.appending("router"), logger: logger).close(endingProxy: true)
        try store.unmountAll()
    }
}
