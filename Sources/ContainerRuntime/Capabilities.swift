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
}
