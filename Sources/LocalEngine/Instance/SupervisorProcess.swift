import CLinux
import Dispatch
import Engine
import Glibc
import IngotModel
import Synchronization
import SystemPackage

/// The process that holds one instance. It is started by the engine or found running, and outlives it.
final class SupervisorProcess: Sendable {
    let pid: Int32
    private let descriptor: Mutex<Int32?>
    // Dispatch objects may be used from any thread; their Swift types do not say so.
    private nonisolated(unsafe) let source: any DispatchSourceRead

    private static let queue = DispatchQueue(label: "ingot.supervisors", qos: .userInteractive)

    /// Takes hold of a running process.
    ///
    /// - Parameter whenEnded: called once when it has ended, unless the object is gone by then.
    /// - Returns: `nil` when there is no such process any more.
    init?(pid: Int32, startTime: UInt64?, whenEnded: @escaping @Sendable () -> Void) {
        let descriptor = ingot_engine_pidfd_open(pid)
        guard descriptor >= 0 else { return nil }
        // From here on the number can't come to mean another process unnoticed.
        guard startTime == nil || ProcessIdentity.startTime(of: pid) == startTime else {
            close(descriptor)
            return nil
        }
        self.pid = pid
        self.descriptor = Mutex(descriptor)
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { [weak self] in
            guard let self, self.release() else { return }
            var information = siginfo_t()
            // Only the parent has to; one that was adopted belongs to the system's first process.
            waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG)
            whenEnded()
        }
        source.activate()
    }

    deinit { source.cancel() }

    /// Sends a signal; nothing when it has ended.
    func send(_ signal: Int32) {
        descriptor.withLock { descriptor in
            if let descriptor { _ = ingot_engine_pidfd_signal(descriptor, signal) }
        }
    }

    /// - Returns: whether this was the first time.
    private func release() -> Bool {
        let isFirst = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor != nil
        }
        if isFirst { source.cancel() }
        return isFirst
    }
}

/// Starts supervisors.
struct SupervisorProgram: Hashable, Sendable {
    let path: FilePath

    /// Starts one in a session of its own.
    ///
    /// - Returns: its process, and the reading end of the pipe on which it says once that the container runs, or why not.
    func start(_ arguments: [String], output: FilePath) throws(EngineError) -> (pid: Int32, ready: Int32) {
        guard access(path.string, X_OK) == 0 else { throw .supervisorMissing(path.string) }
        var ends: [Int32] = [0, 0]
        let made = ingot_engine_pipe(&ends)
        guard made == 0 else { throw .system("making a pipe for", on: path.string, -made) }
        defer { close(ends[1]) }
        let log = open(output.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            close(ends[0])
            throw .system("creating", on: output.string, errno)
        }
        defer { close(log) }
        let pid = Self.spawn([path.string] + arguments, ready: ends[1], output: log)
        guard pid > 0 else {
            close(ends[0])
            throw .system("starting", on: path.string, -pid)
        }
        return (pid, ends[0])
    }

    private static func spawn(_ arguments: [String], ready: Int32, output: Int32) -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        pointers.append(nil)
        guard let path = pointers.first ?? nil else { return -ENOMEM }
        let pid = ingot_engine_spawn(path, &pointers, ready, output)
        if pid > 0 { ProcessPriority.give(to: pid) }
        return pid
    }
}
