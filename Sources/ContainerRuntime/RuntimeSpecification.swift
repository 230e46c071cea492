/// What an OCI runtime is told to run: the `config.json` of a bundle, as far as Ingot uses it.
///
/// Source: OCI Runtime Specification 1.0.2, `config.md` and `config-linux.md`; the property names are
/// the specification's. Made by `instance(_:)` or `buildStep(_:)`, not by hand.
public struct RuntimeSpecification: Encodable, Equatable, Sendable {
    public var ociVersion = "1.0.2"
    public var hostname: String
    public var root: Root
    public var process: Process
    public var mounts: [Mount]
    public var annotations: [String: String]
    public var linux: Linux

    /// The root file system; a relative path starts at the bundle.
    public struct Root: Encodable, Equatable, Sendable {
        public var path: String
        public var readonly: Bool
        public init(path: String, readonly: Bool) {
            self.path = path
            self.readonly = readonly
        }
    }

    /// The container's first process. Limits (`rlimits`) are lowered at most: the host may not allow to raise them.
    public struct Process: Encodable, Equatable, Sendable {
        public var terminal = false
        public var user: ContainerUser
        public var args: [String]
        /// `KEY=value` each.
        public var env: [String]
        public var cwd: String
        public var capabilities: CapabilitySets
        public var noNewPrivileges: Bool
        /// -1000 to 1000; `nil` leaves the parent's.
        public var oomScoreAdj: Int?
        public var rlimits: [ResourceLimit]?
    }

    public struct ResourceLimit: Encodable, Equatable, Sendable {
        public var type: String
        public var hard: UInt64
        public var soft: UInt64

        /// Nothing is written when a process crashes: its memory has the secrets of the service, and the host's handler of core dumps is not the
        /// service's.
        static let noCoreDump = ResourceLimit(type: "RLIMIT_CORE", hard: 0, soft: 0)
    }

    public struct Mount: Encodable, Equatable, Sendable {
        public var destination: String
        public var type: String
        public var source: String
        public var options: [String]
    }

    public struct Linux: Encodable, Equatable, Sendable {
        /// Below every hierarchy's root, for instance `/ingot/0badcafe`.
        public var cgroupsPath: String
        public var namespaces: [Namespace]
        public var resources: Resources
        public var maskedPaths: [String]
        public var readonlyPaths: [String]
        public var seccomp: SeccompFilter?
    }

    public struct Namespace: Encodable, Equatable, Sendable {
        public var type: String
    }
}

/// The numeric user a process runs as.
public struct ContainerUser: Encodable, Equatable, Hashable, Sendable {
    public static let root = ContainerUser(uid: 0, gid: 0)
    public var uid: UInt32
    public var gid: UInt32
    public var additionalGids: [UInt32]
    /// `nil` leaves it to the runtime.
    public var umask: UInt32?
    public init(uid: UInt32, gid: UInt32, additionalGids: [UInt32] = []) {
        self.uid = uid
        self.gid = gid
        self.additionalGids = additionalGids
    }
}
