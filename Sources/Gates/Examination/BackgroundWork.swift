import Glibc

/// Work that wants a whole processor for long. A daemon that runs above the instances it serves must not do it above them.
///
/// Source: setpriority(2), "C library/kernel differences": the nice value is a thread's.
enum BackgroundWork {
    static func run<Value>(_ body: () throws -> Value) rethrows -> Value {
        let thread = __priority_which_t(PRIO_PROCESS.rawValue)
        let nice = getpriority(thread, 0)
        guard nice < 0, setpriority(thread, 0, 0) == 0 else { return try body() }
        defer { setpriority(thread, 0, nice) }
        return try body()
    }
}
