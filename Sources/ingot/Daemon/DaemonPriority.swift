import Glibc

/// What may keep a processor from whom. The daemon and the router need little of it, and that at once: each request goes through the
/// router, and a rollback through both, while instances, builds and commands want all that there is.
///
/// Source: sched(7), "The nice value".
enum DaemonPriority {
    /// The nice value of the daemon and of the router, which inherits it. What they start for others goes back to 0.
    static let usual: Int32 = -10
    static let range = Int32(-20)...19

    /// Gives every thread of this process a nice value, which those that they start inherit.
    ///
    /// - Returns: why it could not be given; an errno.
    static func set(_ nice: Int32) -> Int32? {
        var known: Set<id_t> = []
        // Until there is none that is new: a thread may have been started meanwhile by one that was still to be changed.
        while true {
            let new = threads().subtracting(known)
            guard !new.isEmpty else { return nil }
            for thread in new where setpriority(__priority_which_t(PRIO_PROCESS.rawValue), thread, nice) != 0 && errno != ESRCH { return errno }
            known.formUnion(new)
        }
    }

    private static func threads() -> Set<id_t> {
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var threads: Set<id_t> = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if let thread = id_t(name) { threads.insert(thread) }
        }
        return threads
    }
}
