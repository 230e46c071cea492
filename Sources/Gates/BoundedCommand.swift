import ContainerRuntime
import Foundation
import Glibc
public import IngotModel
import Synchronization
public import SystemPackage

/// How a command went.
public struct CommandOutcome: Hashable, Sendable {
    /// It ended by itself, with exit code 0.
    public var passed: Bool
    public var took: Milliseconds
    /// How it ended: `exit code 1`, `killed: it took longer than 1m`.
    public var ending: String
    /// The last lines it printed, at most the command's `outputLimit`.
    public var output: String
    /// Whether its deadline ended it.
    public var isLate: Bool
    /// All that it printed, in bytes, also what was not kept.
    public var printed: ByteSize
    /// Processes that it had left behind when it ended, and that were killed.
    public var leftBehind: Int

    public init(
        passed: Bool, took: Milliseconds, ending: String, output: String, isLate: Bool = false, printed: ByteSize = 0, leftBehind: Int = 0
    ) {
        self.passed = passed
        self.took = took
        self.ending = ending
        self.output = output
        self.isLate = isLate
        self.printed = printed
        self.leftBehind = leftBehind
    }
}

/// A command of the user's on this machine, with a deadline, and with a limit to what is kept of its output.
///
/// Nothing that it has started outlives it, whatever session or process group that is in: a small process becomes the parent of all that
/// is left behind, and kills it when the command has ended, at the deadline, when the task is cancelled, and when this process dies.
public struct BoundedCommand: Sendable {
    public var command: [String]
    /// Where the command runs; its program is found from there when it is given by a relative path.
    public var folder: FilePath
    /// Variables beside those of this process.
    public var environment: [String: String]
    /// Variables of this process that the command does not get.
    public var withheld: Set<String> = []
    public var deadline: Milliseconds
    /// How much is kept of its output, both streams together, from the end: there failures are told.
    public var outputLimit: ByteSize
    /// Kept open by that small process for as long as anything of the command runs; -1 for nothing. It stays the caller's to close.
    public var heldDescriptor: Int32 = -1

    public init(
        command: [String], folder: FilePath, environment: [String: String] = [:], deadline: Milliseconds, outputLimit: ByteSize = 65_536
    ) {
        self.command = command
        self.folder = folder
        self.environment = environment
        self.deadline = deadline
        self.outputLimit = outputLimit
    }

    /// Runs it once.
    ///
    /// - Throws: `GateError` `gates.command-not-started` when it can't be started at all; `CancellationError` when the task was cancelled,
    ///   once everything is killed.
    public func run() async throws -> CommandOutcome {
        let began = ContinuousClock.now
        var reaped = ReapedCommand(path: try program(), arguments: command, workingDirectory: folder.string)
        reaped.environment = ProcessInfo.processInfo.environment.filter { !withheld.contains($0.key) }
            .merging(environment) { _, own in own }.map { "\($0.key)=\($0.value)" }
        reaped.heldDescriptor = heldDescriptor
        reaped.killsLeftovers = true
        let output = CapturedOutput(limit: outputLimit.bytes)
        let result = try await reaped.run(deadline: deadline) { output.append($0) }
        try Task.checkCancellation()
        if result.failure != nil { throw notStarted }
        return outcome(of: result, took: Milliseconds(ContinuousClock.now - began), output)
    }

    private func outcome(of result: ReapedCommand.Result, took: Milliseconds, _ output: CapturedOutput) -> CommandOutcome {
        let ending: String =
            switch result.exit {
            case _ where result.passedDeadline: "killed: it took longer than \(deadline)"
            case _ where result.lostReaper: "killed: the process that watches over it was killed before it had ended"
            case .code(let code): "exit code \(code)"
            case .signal(let number): "killed by signal \(number)"
            case .outOfMemory, nil: "killed"
            }
        return CommandOutcome(
            passed: !result.passedDeadline && !result.lostReaper && result.exit?.isSuccess == true, took: took, ending: ending,
            output: output.text, isLate: result.passedDeadline, printed: output.printed,
            leftBehind: result.passedDeadline ? 0 : result.killedLeftovers)
    }

    // MARK: Its program

    private var name: String { command.first ?? "" }

    /// Where the program is; a bare name is looked for in `PATH`.
    private func program() throws(GateError) -> String {
        guard !name.isEmpty else {
            throw GateError(code: "gates.command-not-started", message: "a command without a program", remedy: "give `run:` a command", fault: .user)
        }
        guard !name.contains("/") else { return FilePath(name).isAbsolute ? name : folder.appending(name).lexicallyNormalized().string }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let candidates: [String] = path.split(separator: ":").map { "\($0)/\(name)" }
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else { throw notStarted }
        return found
    }

    private var notStarted: GateError {
        GateError(
            code: "gates.command-not-started", message: "the command '\(name)' could not be run in \(folder)",
            remedy: "check that it exists, is executable, and begins with #! and an interpreter if it is a script", fault: .user)
    }
}

/// The tail of an output, written on one thread and read on another.
private final class CapturedOutput: Sendable {
    private let state: Mutex<(tail: OutputTail, printed: Int)>
    init(limit: Int) { state = Mutex((OutputTail(limit: limit), 0)) }
    func append(_ bytes: [UInt8]) {
        state.withLock { state in
            state.tail.append(bytes)
            state.printed += bytes.count
        }
    }
    var text: String { state.withLock { $0.tail.text } }
    var printed: ByteSize { ByteSize(state.withLock { $0.printed }) }
}

/// The last bytes of an output of any length.
package struct OutputTail {
    let limit: Int
    private var bytes: [UInt8] = []
    private var isCut = false

    package init(limit: Int) { self.limit = limit }

    package mutating func append(_ more: [UInt8]) {
        bytes += more
        // Cutting only at twice the limit keeps the copying linear.
        if bytes.count > 2 * limit { cut() }
    }

    private mutating func cut() {
        isCut = true
        bytes.removeFirst(bytes.count - limit)
    }

    /// The text, from the beginning of a line on if something was cut off.
    package var text: String {
        var tail = self
        if tail.bytes.count > limit { tail.cut() }
        guard tail.isCut else { return String(decoding: tail.bytes, as: UTF8.self) }
        let afterLine = tail.bytes.firstIndex(of: UInt8(ascii: "\n")).map { tail.bytes[($0 + 1)...] } ?? tail.bytes[...]
        return "…\n" + String(decoding: afterLine, as: UTF8.self)
    }
}

extension Milliseconds {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
