/// A program that runs containers by the OCI runtime command line, found to work on this machine.
public struct OCIRuntime: Hashable, Sendable, Codable {
    /// `crun` or `runc`.
    public var name: String
    public var path: String
    /// As it names itself: `1.8.1`.
    public var version: String
    /// Whether `/sys/fs/cgroup/unified` must be unmounted, in a private mount namespace, before it runs.
    /// crun refuses hybrid control groups otherwise.
    public var hidesUnifiedHierarchy: Bool

    public init(name: String, path: String, version: String, hidesUnifiedHierarchy: Bool) {
        self.name = name
        self.path = path
        self.version = version
        self.hidesUnifiedHierarchy = hidesUnifiedHierarchy
    }

    /// Where runtimes keep what they know of running containers (`--root`). In memory: it is worth
    /// nothing after the machine has restarted.
    public static let stateFolder = "/run/ingot-runtime"
}
