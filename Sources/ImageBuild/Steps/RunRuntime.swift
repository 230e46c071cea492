import ContainerRuntime

/// The runtime and what every RUN of this machine shares, found when the first RUN needs it: a build from the
/// cache starts no container.
actor RunRuntime {
    struct Host: Sendable {
        var runtime: OCIRuntime
        var cgroup: CgroupLayout
        var seccomp: SeccompFilter
    }

    private let given: OCIRuntime?
    private var search: Task<Host, any Error>?

    init(_ runtime: OCIRuntime?) { given = runtime }

    /// Searched once, also when several stages ask at the same time.
    func host() async throws -> Host {
        let search =
            self.search
            ?? Task { [given] in
                let runtime = if let given { given } else { try await OCIRuntime.detect() }
                let seccomp = try SeccompProfile.load().filter(capabilities: Capabilities.dockerDefault)
                return Host(runtime: runtime, cgroup: try CgroupLayout.detect(), seccomp: seccomp)
            }
        self.search = search
        return try await search.value
    }
}
