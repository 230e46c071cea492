/// Whether a signal can do anything to a process, by its `/proc/PID/status` (proc(5)).
enum SignalEffect {
    /// The first process of a pid namespace is not ended by a signal that it has no handler for
    /// (pid_namespaces(7)), so waiting for that is waiting in vain. One that handles, ignores or
    /// blocks the signal knows what it does.
    static func isLost(_ signal: Int32, status: String) -> Bool {
        let sets = ["SigCgt:", "SigIgn:", "SigBlk:"].map { mask($0, in: status) }
        guard (1...64).contains(signal) else { return false }
        return sets.allSatisfy { set in set.map { $0 & (1 << UInt64(signal - 1)) == 0 } ?? false }
    }

    private static func mask(_ name: String, in status: String) -> UInt64? {
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            return UInt64(line.dropFirst(name.utf8.count).filter(\.isHexDigit), radix: 16)
        }
        return nil
    }
}
