import CLinux
import Glibc
import Synchronization

/// A pipe; both ends are closed with it.
final class Pipe {
    let reader: Int32
    private(set) var writer: Int32

    init() throws(RuntimeError) {
        var ends: [Int32] = [-1, -1]
        guard clinux_make_pipe(&ends) == 0 else { throw .systemCall("pipe2", on: "a new pipe", errno: errno) }
        reader = ends[0]
        writer = ends[1]
    }

    func closeWriter() {
        guard writer >= 0 else { return }
        close(writer)
        writer = -1
    }

    deinit {
        closeWriter()
        close(reader)
    }
}

/// A descriptor that becomes readable once, when it is signalled (eventfd(2)).
final class EventDescriptor: Sendable {
    let descriptor: Int32

    init() throws(RuntimeError) {
        descriptor = clinux_make_event()
        guard descriptor >= 0 else { throw .systemCall("eventfd", on: "a new event", errno: errno) }
    }

    func signal() { _ = clinux_signal_event(descriptor) }

    deinit { close(descriptor) }
}

/// The beginning of some output.
final class OutputKeeper: Sendable {
    private let kept = Mutex<[UInt8]>([])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func append(_ more: [UInt8]) { kept.withLock { $0 += more.prefix(limit - $0.count) } }

    var bytes: [UInt8] { kept.withLock { $0 } }
}

/// The clock that deadlines are measured by: it does not jump.
enum MonotonicClock {
    static var milliseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}

/// Texts as C's functions take them: an array of pointers that ends with a null pointer.
enum CStringArray {
    static func with<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
        let pointers = texts.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }
}
