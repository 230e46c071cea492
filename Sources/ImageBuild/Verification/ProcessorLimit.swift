import CLinux
import Glibc
import SystemPackage

/// Holds this process, and all that it starts meanwhile, to one processor: programs that look how many there are see one.
///
/// Source: sched_setaffinity(2), which is of a thread; so it is done to each.
struct ProcessorLimit {
    /// A bit for each processor.
    private let before: [UInt8]

    /// More processors than the kernel has bits for. Source: Linux, `NR_CPUS` of Debian's kernels.
    private static let length = 8192 / 8

    /// `nil` when there is only one anyway, or the kernel does not let us.
    static func one() -> ProcessorLimit? {
        var before = [UInt8](repeating: 0, count: length)
        guard clinux_get_processors(0, &before, length) == 0, let one = first(of: before) else { return nil }
        set(one)
        return ProcessorLimit(before: before)
    }

    func lift() { Self.set(before) }

    private static func set(_ bits: [UInt8]) {
        for thread in Files.names("/proc/self/task").compactMap({ CInt($0) }) { _ = clinux_set_processors(thread, bits, length) }
    }

    /// `nil` when there are not two.
    static func first(of bits: [UInt8]) -> [UInt8]? {
        guard bits.reduce(0, { $0 + $1.nonzeroBitCount }) > 1, let place = bits.firstIndex(where: { $0 != 0 }) else { return nil }
        var one = [UInt8](repeating: 0, count: bits.count)
        one[place] = bits[place] & (~bits[place] &+ 1)
        return one
    }
}
