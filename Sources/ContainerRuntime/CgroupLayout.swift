/// How the host mounts its control groups. Source: cgroups(7); systemd, `docs/CGROUP_DELEGATION.md`.
public enum CgroupLayout: String, Sendable, Codable, CaseIterable {
    /// Controllers of version 1 only.
    case v1
    /// Controllers of version 1, and version 2 without controllers at `/sys/fs/cgroup/unified`.
    case hybrid
    /// Version 2 only.
    case v2

    /// Where the hybrid layout mounts version 2.
    public static let unifiedMountPoint = "/sys/fs/cgroup/unified"
    public static let mountPoint = "/sys/fs/cgroup"

    /// Reads the text of `/proc/self/mountinfo` (proc(5)); `nil` when no control group is mounted.
    public init?(mountinfo: String) {
        var hasVersion1 = false
        var hasVersion2 = false
        for line in mountinfo.split(separator: "\n") {
            // The type stands behind the separator, after a varying number of optional fields.
            let fields = line.split(separator: " ")
            guard let separator = fields.firstIndex(of: "-"), separator + 1 < fields.count else { continue }
            switch fields[separator + 1] {
            case "cgroup": hasVersion1 = true
            case "cgroup2": hasVersion2 = true
            default: continue
            }
        }
        switch (hasVersion1, hasVersion2) {
        case (true, true): self = .hybrid
        case (true, false): self = .v1
        case (false, true): self = .v2
        case (false, false): return nil
        }
    }

    /// This machine's.
    public static func detect() throws(RuntimeError) -> CgroupLayout {
        let text = try SmallFile.text(at: "/proc/self/mountinfo", limit: 4 << 20)
        guard let layout = CgroupLayout(mountinfo: text) else {
            throw RuntimeError(
                code: "runtime.no-control-groups", message: "no control groups are mounted at \(mountPoint)",
                remedy: "mount them: mount -t cgroup2 none \(mountPoint)")
        }
        return layout
    }
}
