public import Glibc

/// The control group of one container, in every hierarchy in which it exists.
public struct ControlGroup: Equatable, Sendable {
    /// Below each hierarchy's root: `/ingot/0badcafe`.
    public var path: String

    /// All of Ingot's stand below this one.
    public static let parent = "/ingot"

    public static func instance(_ instance: String) -> ControlGroup { ControlGroup(path: "\(parent)/\(instance)") }
    public static func buildStep(_ name: String) -> ControlGroup { ControlGroup(path: "\(parent)/\(name)") }

    /// The processes in it, each once.
    public func processes() -> [pid_t] {
        var found: Set<pid_t> = []
        for folder in folders() {
            guard let text = try? SmallFile.text(at: "\(folder)/cgroup.procs", limit: 1 << 20) else { continue }
            found.formUnion(text.split(separator: "\n").compactMap { pid_t($0) }.filter { $0 > 1 })
        }
        return found.sorted()
    }

    /// Whether the kernel has killed one of its processes for want of memory.
    public func hadOutOfMemoryKill() -> Bool {
        let files = ["\(CgroupLayout.mountPoint)/memory\(path)/memory.oom_control", "\(CgroupLayout.mountPoint)\(path)/memory.events"]
        return files.contains { file in
            guard let text = try? SmallFile.text(at: file, limit: 4096) else { return false }
            return Self.outOfMemoryKills(text) > 0
        }
    }

    /// Reads `memory.oom_control` of version 1 or `memory.events` of version 2: both have a line `oom_kill N`.
    static func outOfMemoryKills(_ text: String) -> Int {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) ?? 0 }
        }
        return 0
    }

    /// Sends a signal to each process in it, also to those that one of them starts meanwhile.
    public func signal(_ number: Int32) {
        var told: Set<pid_t> = []
        while case let next = processes().filter({ !told.contains($0) }), !next.isEmpty, told.count < Self.mostSignalled {
            for pid in next { kill(pid, number) }
            told.formUnion(next)
        }
    }

    /// A fork bomb must not keep who signals it busy for ever.
    private static let mostSignalled = 10_000

    /// Kills what is in it and removes it. For what a runtime left behind that was itself killed;
    /// does nothing when there is no such group.
    public func killAndRemove() {
        // A killed process leaves its group a little later, and has no event of its own to wait for here.
        for _ in 0..<1_000 {
            let left = processes()
            left.forEach { kill($0, SIGKILL) }
            let folders = folders()
            folders.forEach { rmdir($0) }
            if left.isEmpty, self.folders().isEmpty { return }
            poll(nil, 0, 5)
        }
    }

    /// Those that exist, in the layouts of all versions.
    private func folders() -> [String] {
        let hierarchies = (try? Folder.names(in: CgroupLayout.mountPoint)) ?? []
        let candidates = ["\(CgroupLayout.mountPoint)\(path)"] + hierarchies.map { "\(CgroupLayout.mountPoint)/\($0)\(path)" }
        return candidates.filter { access("\($0)/cgroup.procs", F_OK) == 0 }
    }
}
