import Glibc

/// The nice value of this process, for those that it starts and that are to have the same: Dispatch gives its threads others, and a child has that of
/// the thread that starts it.
enum ProcessPriority {
    static func give(to pid: pid_t) {
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        setpriority(process, id_t(pid), getpriority(process, id_t(getpid())))
    }
}
