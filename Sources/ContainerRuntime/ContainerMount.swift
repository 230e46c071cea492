public import IngotModel

/// A folder or file of the host that a container sees.
public struct BindMount: Equatable, Sendable {
    public var source: String
    public var destination: String
    public var isReadOnly: Bool
    public init(source: String, destination: String, isReadOnly: Bool = true) {
        self.source = source
        self.destination = destination
        self.isReadOnly = isReadOnly
    }

    var mount: RuntimeSpecification.Mount {
        let options = ["rbind", "nosuid", "nodev"] + (isReadOnly ? ["ro", "noexec"] : [])
        return .init(destination: destination, type: "bind", source: source, options: options)
    }
}

/// A path at which an instance may write: an empty folder in memory, gone with the instance.
public struct WritablePath: Equatable, Sendable {
    public var path: String
    /// The most it may hold. It counts towards the instance's memory.
    public var size: ByteSize
    public init(path: String, size: ByteSize) {
        self.path = path
        self.size = size
    }

    /// Everyone may write, as in `/tmp`: the service's user is seldom root.
    var mount: RuntimeSpecification.Mount {
        .init(
            destination: path, type: "tmpfs", source: "tmpfs",
            options: ["nosuid", "nodev", "noexec", "mode=1777", "size=\(size.bytes)"])
    }
}

extension RuntimeSpecification.Mount {
    /// A folder or file of the host, its programs among it: no devices, no set-user-id.
    public static func programs(_ source: String, at destination: String, isReadOnly: Bool) -> Self {
        .init(destination: destination, type: "bind", source: source, options: ["rbind", "nosuid", "nodev"] + (isReadOnly ? ["ro"] : []))
    }

    /// An empty folder in memory; at most half of it when no size is given, as the kernel has it.
    public static func memory(at destination: String, size: ByteSize?) -> Self {
        .init(
            destination: destination, type: "tmpfs", source: "tmpfs",
            options: ["nosuid", "nodev", "mode=1777"] + (size.map { ["size=\($0.bytes)"] } ?? []))
    }

    /// What every container gets: runc's and Docker's defaults, with a read-only sysfs.
    /// Source: OCI Runtime Specification, "Default Filesystems"; moby, `oci/defaults.go`.
    static func defaults(cgroup: CgroupLayout) -> [Self] {
        [
            .init(destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            .init(destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            .init(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            .init(
                destination: "/dev/shm", type: "tmpfs", source: "shm",
                options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
            .init(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            .init(destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]),
            .init(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: ["nosuid", "noexec", "nodev", "ro", "relatime"]),
        ]
    }

    /// What could tell about, or reach, the host. Source: moby, `oci/defaults.go`.
    static let maskedPaths = [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ]
    static let readOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
}
