extension SeccompFilter {
    /// The same filter, but nowhere weaker than Docker's own default.
    ///
    /// Debian's profile comes from Podman, which allows every container to make user namespaces and
    /// to mount in them. Docker allows that only with the capability, and so takes a large part of the
    /// kernel out of an unprivileged process's reach. Source: moby, `profiles/seccomp/default.json`.
    func asStrictAsDocker(capabilities: Set<String>, architecture: String) -> SeccompFilter {
        let forbidden = Self.forbidden(capabilities)
        var filter = self
        filter.syscalls = syscalls.compactMap { $0.withoutAllowing(forbidden) }
        let taken = Set(syscalls.filter(\.isAllowed).flatMap(\.names)).intersection(forbidden)
        filter.syscalls += Self.replacements(for: taken, architecture: architecture)
        return filter
    }

    /// What needs one of some capabilities; none helps where there is no capability.
    private static let guarded: [(capabilities: Set<String>, names: Set<String>)] = [
        (
            ["CAP_SYS_ADMIN"],
            [
                "clone", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr",
                "move_mount", "open_tree", "pivot_root", "quotactl", "quotactl_fd", "setdomainname", "sethostname", "setns", "umount",
                "umount2", "unshare",
            ]
        ),
        (["CAP_SYS_ADMIN", "CAP_BPF"], ["bpf"]),
        (["CAP_SYS_ADMIN", "CAP_PERFMON"], ["perf_event_open"]),
        (["CAP_SYS_ADMIN", "CAP_SYSLOG"], ["syslog"]),
        (["CAP_DAC_READ_SEARCH"], ["open_by_handle_at"]),
        (["CAP_SYS_BOOT"], ["kexec_file_load", "kexec_load", "reboot"]),
        (["CAP_SYS_NICE"], ["get_mempolicy", "mbind", "migrate_pages", "move_pages", "set_mempolicy", "set_mempolicy_home_node"]),
        (["CAP_SYS_PTRACE"], ["kcmp", "pidfd_getfd", "process_madvise", "userfaultfd"]),
        // The kernel's key rings belong to no namespace.
        ([], ["add_key", "keyctl", "request_key"]),
        // Replaced by one rule for the address families.
        ([], ["socket"]),
        // The newest and least tried of the large interfaces; Docker took it out again in 2023.
        ([], ["io_uring_enter", "io_uring_register", "io_uring_setup"]),
    ]

    private static func forbidden(_ capabilities: Set<String>) -> Set<String> {
        guarded.reduce(into: []) { names, group in
            if group.capabilities.isDisjoint(with: capabilities) { names.formUnion(group.names) }
        }
    }

    private static func replacements(for names: Set<String>, architecture: String) -> [Rule] {
        var rules: [Rule] = []
        if names.contains("socket") { rules.append(socketsBesidesTheHypervisors) }
        if names.contains("clone") { rules.append(processesAndThreadsOnly(architecture)) }
        // Not there at all: the C library then uses `clone`, whose flags a filter can see.
        if names.contains("clone3") { rules.append(Rule(names: ["clone3"], action: refuse, errnoRet: 38)) }
        let plain = names.subtracting(["socket", "clone", "clone3"]).sorted()
        if !plain.isEmpty { rules.append(Rule(names: plain, action: refuse, errnoRet: 1)) }
        return rules
    }

    /// AF_VSOCK (40) reaches the hypervisor, past every network namespace (vsock(7)).
    private static let socketsBesidesTheHypervisors = Rule(
        names: ["socket"], action: Rule.allow, args: [Argument(index: 0, value: 40, op: "SCMP_CMP_NE")])

    /// No flag of a new namespace (clone(2), CLONE_NEW…). On s390 the flags are the second argument.
    private static func processesAndThreadsOnly(_ architecture: String) -> Rule {
        let flags = Argument(index: architecture == "s390x" ? 1 : 0, value: 0x7e02_0000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ")
        return Rule(names: ["clone"], action: Rule.allow, args: [flags])
    }

    private static let refuse = "SCMP_ACT_ERRNO"
}

extension SeccompFilter.Rule {
    static let allow = "SCMP_ACT_ALLOW"
    var isAllowed: Bool { action == Self.allow }

    /// `nil` when nothing is left. A refusal of `socket` goes too, as it would contradict the rule in its place.
    fileprivate func withoutAllowing(_ forbidden: Set<String>) -> Self? {
        var rule = self
        rule.names.removeAll { (isAllowed && forbidden.contains($0)) || (!isAllowed && $0 == "socket") }
        return rule.names.isEmpty ? nil : rule
    }
}
