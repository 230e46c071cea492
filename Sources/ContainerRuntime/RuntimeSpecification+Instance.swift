/// What differs between one instance and another.
public struct InstanceContainer: Equatable, Sendable {
    /// Its 8 digits, which name its control group.
    public var instance: String
    public var hostname: String
    public var arguments: [String]
    /// `KEY=value` each.
    public var environment: [String]
    public var workingDirectory: String
    public var user: ContainerUser
    /// Such as `CAP_NET_BIND_SERVICE`; also a user who is not root keeps them.
    public var capabilities: [String]
    public var writable: [WritablePath]
    public var binds: [BindMount]
    /// Whether its root can be written to, which is then a layer of its own.
    public var hasScratchRoot: Bool
    public var limits: ResourceLimits
    /// Labels, `dev.ingot.*`.
    public var annotations: [String: String]
    public var seccomp: SeccompFilter?
    public var cgroup: CgroupLayout

    public init(
        instance: String, hostname: String, arguments: [String], environment: [String] = [], workingDirectory: String = "/",
        user: ContainerUser, capabilities: [String] = [], writable: [WritablePath] = [], binds: [BindMount] = [],
        hasScratchRoot: Bool = false, limits: ResourceLimits = ResourceLimits(), annotations: [String: String] = [:],
        seccomp: SeccompFilter?, cgroup: CgroupLayout
    ) {
        self.instance = instance
        self.hostname = hostname
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.capabilities = capabilities
        self.writable = writable
        self.binds = binds
        self.hasScratchRoot = hasScratchRoot
        self.limits = limits
        self.annotations = annotations
        self.seccomp = seccomp
        self.cgroup = cgroup
    }
}

extension RuntimeSpecification {
    /// An instance's: read-only root (but for a scratch one) at `rootfs` in the bundle, no new privileges, no capabilities but
    /// those asked for. It has no network namespace of its own in the specification, because its
    /// supervisor makes one and the runtime inherits it.
    public static func instance(_ container: InstanceContainer) -> RuntimeSpecification {
        RuntimeSpecification(
            hostname: container.hostname,
            root: Root(path: "rootfs", readonly: !container.hasScratchRoot),
            process: Process(
                user: container.user, args: container.arguments, env: container.environment, cwd: container.workingDirectory,
                capabilities: .kept(container.capabilities), noNewPrivileges: true, oomScoreAdj: nil, rlimits: [.noCoreDump]),
            mounts: Mount.defaults(cgroup: container.cgroup) + container.writable.map(\.mount) + container.binds.map(\.mount),
            annotations: container.annotations,
            linux: Linux(
                cgroupsPath: ControlGroup.instance(container.instance).path,
                namespaces: Namespace.all(cgroup: container.cgroup),
                resources: Resources(container.limits),
                maskedPaths: Mount.maskedPaths, readonlyPaths: Mount.readOnlyPaths, seccomp: container.seccomp))
    }
}

extension RuntimeSpecification.Namespace {
    /// All but the network. On version 1 a control group namespace would hide the paths that tools expect.
    static func all(cgroup: CgroupLayout) -> [Self] {
        (["pid", "ipc", "uts", "mount"] + (cgroup == .v2 ? ["cgroup"] : [])).map(Self.init(type:))
    }
}
