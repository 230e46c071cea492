import Glibc
public import IngotModel
import Subprocess
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

    public init(passed: Bool, took: Milliseconds, ending: String, output: String, isLate: Bool = false) {
        self.passed = passed
        self.took = took
        self.ending = ending
        self.output = output
        self.isLate = isLate
    }
}

/// A command of the user's on this machine, in a process group of its own, with a deadline, and with a limit to what is kept of its output.
public struct BoundedCommand: Sendable {
    public var command: [String]
    /// Where the command runs; its program is found from there when it is given by a relative path.
    public var folder: FilePath
    /// Variables beside those of this process.
    public var environment: [String: String]
    public var deadline: Milliseconds
    /// How much is kept of its output, both streams together, from the end: there failures are told.
    public var outputLimit: ByteSize

    public init(
        command: [String], folder: FilePath, environment: [String: String] = [:], deadline: Milliseconds, outputLimit: ByteSize = 65_536
    ) {
        self.command = command
        self.folder = folder
        self.environment = environment
        self.deadline = deadline
        self.outputLimit = outputLimit
    }

    /// Runs it once. At its deadline, or when the task is cancelled, everything in its process group is killed.
    ///
    /// - Throws: `GateError` `gates.command-not-started` when it can't be started at all.
    public func run() async throws -> CommandOutcome {
        guard let program = command.first else {
            throw GateError(code: "gates.command-not-started", message: "a command without a program", remedy: "give `run:` a command", fault: .user)
        }
        let began = ContinuousClock.now
        let output = CapturedOutput(limit: outputLimit.bytes)
        let end = try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask { try await execute(program, output: output) }
            group.addTask {
                try await Task.sleep(for: (deadline + Self.drain).duration)
                return .late
            }
            defer { group.cancelAll() }
            // Whoever is first decides; the other is cancelled, and the group waits for it.
            return try await group.next() ?? .late
        }
        return outcome(of: end, took: Milliseconds(ContinuousClock.now - began), output: output.text)
    }

    /// How long the rest of the output of a killed command is read. It ends by itself, unless something that the command
    /// started has left its process group and holds on to the output.
    private static let drain = Milliseconds.seconds(10)

    private enum End: Sendable {
        case ended(TerminationStatus)
        case late
    }

    private func outcome(of end: End, took: Milliseconds, output: String) -> CommandOutcome {
        switch end {
        case .late:
            CommandOutcome(passed: false, took: took, ending: "killed: it took longer than \(deadline)", output: output, isLate: true)
        case .ended(.exited(let code)):
            CommandOutcome(passed: code == 0, took: took, ending: "exit code \(code)", output: output)
        case .ended(.signaled(let signal)):
            CommandOutcome(passed: false, took: took, ending: "killed by signal \(signal)", output: output)
        }
    }

    private func execute(_ program: String, output: CapturedOutput) async throws -> End {
        // A group of its own, so that what the command started ends with it.
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let deadline = deadline.duration
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(path(of: program)) : .name(program), arguments: Arguments(Array(command.dropFirst())),
                environment: .inherit.updating(variables), workingDirectory: folder, platformOptions: options,
                input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                // Nobody waits for the process before this closure has ended, so its identifier is its own.
                let processGroup = execution.processIdentifier.value
                let end = Task {
                    try await Task.sleep(for: deadline)
                    output.markLate()
                    kill(-processGroup, SIGKILL)
                }
                defer { end.cancel() }
                // To its end, also after the kill: what was printed is evidence.
                for try await buffer in execution.standardOutput { output.append(buffer.withUnsafeBytes { Array($0) }) }
            }
            return output.isLate ? .late : .ended(result.terminationStatus)
        } catch let error as SubprocessError {
            throw GateError(
                code: "gates.command-not-started", message: "the command '\(program)' could not be run in \(folder)",
                remedy: "check that it exists, is executable, and begins with #! and an interpreter if it is a script",
                fault: .user, cause: error)
        }
    }

    private var variables: [Subprocess.Environment.Key: String?] {
        Dictionary(
            environment.compactMap { name, value in Subprocess.Environment.Key(rawValue: name).map { ($0, value) } },
            uniquingKeysWith: { first, _ in first })
    }

    private func path(of program: String) -> FilePath {
        FilePath(program).isAbsolute ? FilePath(program) : folder.appending(program).lexicallyNormalized()
    }
}

/// The tail of an output, and whether its end came by the deadline; shared by who reads it and who ends it.
private final class CapturedOutput: Sendable {
    private let tail: Mutex<OutputTail>
    private let late = Mutex(false)
    init(limit: Int) { tail = Mutex(OutputTail(limit: limit)) }
    func markLate() { late.withLock { $0 = true } }
    var isLate: Bool { late.withLock { $0 } }
    func append(_ bytes: [UInt8]) { tail.withLock { $0.append(bytes) } }
    var text: String { tail.withLock { $0.text } }
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
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
