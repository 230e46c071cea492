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
    public var limits: ResourceLimits
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
    /// A build step's: a writable root, Docker's default capabilities, the host's network. Programs
    /// with the set-user-id bit work, as `sudo` and `su` in a Dockerfile expect and every builder allows.
    public static func buildStep(_ container: BuildStepContainer) -> RuntimeSpecification {
        RuntimeSpecification(
            hostname: container.hostname,
            root: Root(path: container.root, readonly: false),
            process: Process(
                user: container.user, args: container.arguments, env: container.environment, cwd: container.workingDirectory,
                capabilities: .forRoot(Capabilities.dockerDefault), noNewPrivileges: false, oomScoreAdj: nil),
            mounts: Mount.defaults(cgroup: container.cgroup) + container.binds.map(\.mount),
            annotations: [:],
            linux: Linux(
                cgroupsPath: ControlGroup.buildStep(container.name).path,
                namespaces: Namespace.all(cgroup: container.cgroup),
                resources: Resources(container.limits),
                maskedPaths: Mount.maskedPaths, readonlyPaths: Mount.readOnlyPaths, seccomp: container.seccomp))
    }
}
