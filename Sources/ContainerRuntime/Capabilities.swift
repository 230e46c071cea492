/// The five sets of capabilities(7) that a process starts with.
public struct CapabilitySets: Encodable, Equatable, Sendable {
    public var bounding: [String]
    public var effective: [String]
    public var permitted: [String]
    public var inheritable: [String]
    public var ambient: [String]

    /// Kept by any user: a process that is not root keeps only ambient ones over execve(2).
    public static func kept(_ names: [String]) -> CapabilitySets {
        CapabilitySets(bounding: names, effective: names, permitted: names, inheritable: names, ambient: names)
    }

    /// As Docker gives them: in force for root, lost by another user, gained by files that carry them.
    public static func forRoot(_ names: [String]) -> CapabilitySets {
        CapabilitySets(bounding: names, effective: names, permitted: names, inheritable: [], ambient: [])
    }
}

/// Named sets of capabilities.
public enum Capabilities {
    /// What Docker gives a container that asks for nothing.
    /// Source: moby, `oci/caps/defaults.go`.
    public static let dockerDefault = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ]

    /// All, each at the place of its number. Source: Linux, `include/uapi/linux/capability.h`.
    static let all = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ].map { "CAP_\($0)" }

    /// Those that this process may hand on: a runtime that is told to give more fails.
    static func held() -> [String] {
        guard let text = try? SmallFile.text(at: "/proc/self/status", limit: 1 << 16) else { return dockerDefault }
        return held(status: text)
    }

    /// Reads the line `CapBnd` of `/proc/PID/status` (proc_pid_status(5)).
    static func held(status: String) -> [String] {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapBnd:") }
        guard let bits = line.flatMap({ UInt64($0.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16) }) else { return dockerDefault }
        return all.indices.filter { bits >> UInt64($0) & 1 == 1 }.map { all[$0] }
    }
}
