import Glibc

extension ControlGroup {
    /// Makes the kernel ready to move processes between groups, which the OCI runtime is about to do.
    ///
    /// The first move after a while waits for an RCU grace period, some 15 ms, and those that follow soon do not. Here this
    /// process is moved to the group in which it is, which changes nothing, while the instance is still being prepared.
    /// Without effect where it may not write there.
    ///
    /// Source: Linux `kernel/cgroup/cgroup.c`, `cgroup_procs_write_start`; `kernel/rcu/sync.c`.
    public static func primeMoves() {
        guard let text = try? SmallFile.text(at: "/proc/self/cgroup", limit: 1 << 16) else { return }
        for folder in ownFolders(text) {
            let descriptor = open("\(folder)/cgroup.procs", O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            if write(descriptor, "0", 1) == 1 { return }
        }
    }

    /// Where the groups of a process may be, from its `/proc/PID/cgroup`, in the layouts of all versions. One is enough: every
    /// hierarchy shares the lock.
    static func ownFolders(_ text: String) -> [String] {
        text.split(separator: "\n").flatMap { line -> [String] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            let group = parts[2] == "/" ? "" : String(parts[2])
            if parts[1].isEmpty { return ["\(CgroupLayout.mountPoint)\(group)", "\(CgroupLayout.mountPoint)/unified\(group)"] }
            let name = parts[1].hasPrefix("name=") ? parts[1].dropFirst(5) : parts[1]
            return ["\(CgroupLayout.mountPoint)/\(name)\(group)"]
        }
    }
}
