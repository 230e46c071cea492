import CLinux
import Dispatch
import Glibc
public import IngotModel

/// A command whose whole family of processes is followed to its end: also those it leaves behind.
///
/// That is how a container's first process, which a runtime leaves behind, is waited for without
/// making this process the parent of strangers.
public struct ReapedCommand: Sendable {
    public var path: String
    /// The first is the program's own name.
    public var arguments: [String]
    /// `NAME=value`, complete.
    public var environment: [String] = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR=/run"]
    public var workingDirectory: String?
    /// What is held by whoever follows it to its end, also when this process has died; -1 for nothing. It stays the caller's to close.
    public var heldDescriptor: Int32 = -1
    /// Whether what it leaves behind is killed once it has ended; else that is waited for.
    public var killsLeftovers = false
    /// Detached in a private mount namespace before the start.
    var hiddenMount: String?

    public init(path: String, arguments: [String], workingDirectory: String? = nil) {
        self.init(path: path, arguments: arguments, workingDirectory: workingDirectory, hiddenMount: nil)
    }

    init(path: String, arguments: [String], workingDirectory: String?, hiddenMount: String?) {
        self.path = path
        self.arguments = arguments
        self.workingDirectory = workingDirectory
        self.hiddenMount = hiddenMount
    }

    /// What was seen of it.
    public struct Result: Sendable {
        /// Each ended process and its status of waitpid(2), in the order of their ends.
        var ended: [(pid: pid_t, status: Int32)] = []
        /// The command's own process; `nil` when it could not be started.
        var command: pid_t?
        /// Why it could not be started; an errno.
        public var failure: Int32?
        /// Whether it was killed because the deadline had passed.
        public var passedDeadline = false
        /// Whether its reaper was killed before it had seen everything end: what the command left behind may still run.
        public var lostReaper = false
        /// Only by `runToEnd`: standard output and error together.
        public var output: [UInt8] = []

        func status(of pid: pid_t) -> Int32? { ended.first { $0.pid == pid }?.status }

        /// How many processes it had left behind that were killed after its own end.
        public var killedLeftovers: Int {
            guard let command, let place = ended.firstIndex(where: { $0.pid == command }) else { return 0 }
            return ended[(place + 1)...].count { ExitStatus(waitStatus: $0.status) == .signal(Int(SIGKILL)) }
        }

        /// How the command itself ended.
        public var exit: ExitStatus? { command.flatMap(status(of:)).flatMap(ExitStatus.init(waitStatus:)) }
    }

    /// Runs it on a thread of its own. When the task is cancelled, everything that it started is killed.
    ///
    /// - Parameter output: gets what it writes, in pieces of up to 64 KiB, on that thread.
    public func run(deadline: Milliseconds?, output: @escaping @Sendable ([UInt8]) -> Void) async throws -> Result {
        let cancellation = try EventDescriptor()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A serial queue of its own has a thread of its own, so waiting does not starve other tasks.
                DispatchQueue(label: "ingot.reaped-command").async {
                    continuation.resume(with: Swift.Result { try follow(until: cancellation, deadline: deadline, output: output) })
                }
            }
        } onCancel: {
            cancellation.signal()
        }
    }

    /// Runs a command that says little: its output is kept, up to 64 KiB.
    public func runToEnd(deadline: Milliseconds) async throws -> Result {
        let kept = OutputKeeper(limit: 64 << 10)
        var result = try await run(deadline: deadline) { kept.append($0) }
        result.output = kept.bytes
        return result
    }

    private func follow(
        until cancellation: EventDescriptor, deadline: Milliseconds?, output: ([UInt8]) -> Void
    ) throws(RuntimeError) -> Result {
        let outputPipe = try Pipe()
        let reportPipe = try Pipe()
        let reaper = try spawn(output: outputPipe.writer, report: reportPipe.writer)
        outputPipe.closeWriter()
        reportPipe.closeWriter()
        var reader = ReaperReader(
            reaper: reaper, output: outputPipe.reader, report: reportPipe.reader, cancellation: cancellation.descriptor,
            deadline: deadline.map { MonotonicClock.milliseconds + $0.count }, killsLeftovers: killsLeftovers)
        reader.readToEnd(output)
        reader.result.lostReaper = clinux_await_reaper(reaper) == 0
        return reader.result
    }

    private func spawn(output: Int32, report: Int32) throws(RuntimeError) -> pid_t {
        let reaper = CStringArray.with(arguments) { arguments in
            CStringArray.with(environment) { environment in
                clinux_spawn_reaper(path, arguments, environment, output, report, hiddenMount, workingDirectory, heldDescriptor)
            }
        }
        guard reaper > 0 else { throw .systemCall("fork", on: path, errno: errno) }
        return reaper
    }
}
