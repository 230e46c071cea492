import IngotModel
import SystemPackage

/// Where the engine keeps what: everything below one folder, mode 0700.
struct EngineFolder: Hashable, Sendable {
    let path: FilePath

    /// This engine's identity.
    var identity: FilePath { path.appending("id") }
    /// The address range and how it came about.
    var network: FilePath { path.appending("network.json") }
    var instances: FilePath { path.appending("instances") }
    /// A tmpfs, so that secrets never reach a disk.
    var secrets: FilePath { path.appending("secrets") }
    /// Mount points that exist for a moment.
    var lookups: FilePath { path.appending("lookups") }

    func instance(_ id: InstanceID) -> InstanceFolder {
        InstanceFolder(path: instances.appending(id.text), secrets: secrets.appending(id.text))
    }
}

/// The files of one instance. It is the runtime's bundle as well.
struct InstanceFolder: Hashable, Sendable {
    let path: FilePath
    let secrets: FilePath

    /// `InstanceIdentity`; written before the supervisor is started.
    var identity: FilePath { path.appending("instance.json") }
    /// For the runtime.
    var configuration: FilePath { path.appending("config.json") }
    /// `SupervisorState`; written by the supervisor once the container runs.
    var state: FilePath { path.appending("state.json") }
    /// `ExitRecord`; written by the supervisor at its end.
    var exit: FilePath { path.appending("exit.json") }
    /// Exists once the instance was told to end.
    var ending: FilePath { path.appending("ending") }
    var log: FilePath { path.appending("log") }
    /// What the supervisor itself had to say.
    var supervisorOutput: FilePath { path.appending("supervisor.log") }
    var hosts: FilePath { path.appending("hosts") }
    var hostname: FilePath { path.appending("hostname") }
    var resolver: FilePath { path.appending("resolv.conf") }
}
