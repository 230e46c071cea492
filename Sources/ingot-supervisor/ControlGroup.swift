import Glibc

/// The instance's control group.
struct ControlGroup {
    let path: String
    init(instance: String) { path = "/ingot/\(instance)" }

    /// Whether the kernel has killed one of its processes for want of memory: version 1 says so in
    /// `memory.oom_control`, version 2 in `memory.events`, both in a line `oom_kill N`.
    func hadOutOfMemoryKill() -> Bool {
        ["/sys/fs/cgroup/memory\(path)/memory.oom_control", "/sys/fs/cgroup\(path)/memory.events"].contains { file in
            (try? SmallFile.text(at: file, limit: 4_096)).map { Self.outOfMemoryKills($0) > 0 } ?? false
        }
    }

    static func outOfMemoryKills(_ text: String) -> Int {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) ?? 0 }
        }
        return 0
    }
}
