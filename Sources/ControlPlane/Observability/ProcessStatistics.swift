import Glibc
import IngotModel

/// What the kernel says of this process.
///
/// Source: proc(5); getrusage(2).
struct ProcessStatistics {
    var residentBytes: Double?
    var processorSeconds: Double
    var openFiles: Double?

    static func current() -> ProcessStatistics {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return ProcessStatistics(
            residentBytes: resident(), processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), openFiles: openFileCount())
    }

    private static func resident() -> Double? {
        guard let bytes = readProc("/proc/self/statm") else { return nil }
        let words = bytes.split(separator: " ")
        guard words.count > 1, let pages = Double(words[1]) else { return nil }
        return pages * Double(sysconf(CInt(_SC_PAGESIZE)))
    }

    private static func readProc(_ path: String) -> String? {
        (try? PrivateFile.read(path, limit: 4_096)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func openFileCount() -> Double? {
        guard let listing = opendir("/proc/self/fd") else { return nil }
        defer { closedir(listing) }
        var count = -3.0  // itself, . and ..
        while readdir(listing) != nil { count += 1 }
        return count
    }
}
