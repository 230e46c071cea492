/// What differs between one `RUN` of a build and another.
public struct BuildStepContainer: Equatable, Sendable {
    /// Unique on this machine; it names the container and its control group. Letters, digits and hyphens.
    public var name: String
    public var hostname: String
    /// The root file system, mounted already and writable; absolute.
    public var root: String
    public var arguments: [String]
    /// `KEY=value` each.
    public var environment: [String]
    public var workingDirectory: String
    public var user: ContainerUser
    public var binds: [BindMount]
    /// After the binds, in their order.
    public var mounts: [RuntimeSpecification.Mount] = []
    public var limits: ResourceLimits
    /// Whether it has the host's network. Without it, only `lo`.
    public var hasNetwork = true
    /// Whether it may do all that this process may: every capability, every device, every system call.
    public var isPrivileged = false
    public var seccomp: SeccompFilter?
    public var cgroup: CgroupLayout

    public init(
        name: String, hostname: String = "build", root: String, arguments: [String], environment: [String] = [],
        workingDirectory: String = "/", user: ContainerUser = .root, binds: [BindMount] = [],
        limits: ResourceLimits = ResourceLimits(), seccomp: SeccompFilter?, cgroup: CgroupLayout
    ) {
        self.name = name
        self.hostname = hostname
        self.root = root
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.binds = binds
        self.limits = limits
        self.seccomp = seccomp
        self.cgroup = cgroup
    }
}

extension RuntimeSpecification {
    /// A build step's: a writable root, Docker's default capabilities, the host's network or none, umask 0022. Programs
    /// with the set-user-id bit work, as `sudo` and `su` in a Dockerfile expect and every builder allows.
    public static func buildStep(_ container: BuildStepContainer) -> RuntimeSpecification {
        var user = container.user
        user.umask = 0o022
        var specification = RuntimeSpecification(
            hostname: container.hostname,
            root: Root(path: container.root, readonly: false),
            process: Process(
                user: user, args: container.arguments, env: container.environment, cwd: container.workingDirectory,
                capabilities: .forRoot(Capabilities.dockerDefault), noNewPrivileges: false, oomScoreAdj: nil, rlimits: nil),
            mounts: Mount.defaults(cgroup: container.cgroup) + container.binds.map(\.mount) + container.mounts,
            annotations: [:],
            linux: Linux(
                cgroupsPath: ControlGroup.buildStep(container.name).path,
                namespaces: Namespace.all(cgroup: container.cgroup) + (container.hasNetwork ? [] : [Namespace(type: "network")]),
                resources: Resources(container.limits),
                maskedPaths: Mount.maskedPaths, readonlyPaths: Mount.readOnlyPaths, seccomp: container.seccomp))
        if container.isPrivileged { specification.dropProtection() }
        return specification
    }

    /// What `RUN --security=insecure` asks for. Source: BuildKit, `util/entitlements/security`, `WithInsecureSpec`.
    private mutating func dropProtection() {
        process.capabilities = .kept(Capabilities.held())
        linux.seccomp = nil
        linux.maskedPaths = []
        linux.readonlyPaths = []
        linux.resources.devices = [.init(allow: true, access: "rwm")]
        for index in mounts.indices where mounts[index].type == "sysfs" || mounts[index].type == "cgroup" {
            mounts[index].options.removeAll { $0 == "ro" }
        }
    }
}
