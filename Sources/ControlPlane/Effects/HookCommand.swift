import ContainerRuntime
import Foundation
import Gates
import Glibc
import IngotModel
import Synchronization
import SystemPackage

/// A hook's command on this machine. It ends with all that it has started: at its deadline, when its task is cancelled, and when the daemon dies.
struct HookCommand: Sendable {
    /// Bytes that are kept of its output, from the end.
    private static let outputLimit = 4_096

    var command: [String]
    /// Variables beside the daemon's own.
    var environment: [String: String]
    var deadline: Milliseconds
    /// Held for as long as anything of it runs.
    var lock: HookLock

    /// - Throws: `GateError` `gates.command-not-started` when it can't be started at all; `ControlError`, `RuntimeError`.
    func run() async throws -> CommandOutcome {
        let began = ContinuousClock.now
        let program = try program()
        let held = try lock.hold()
        defer { close(held) }
        var reaped = ReapedCommand(path: program, arguments: command, workingDirectory: folder)
        reaped.environment = variables
        reaped.heldDescriptor = held
        reaped.killsLeftovers = true
        let output = LastOutput(limit: Self.outputLimit)
        let result = try await reaped.run(deadline: deadline) { output.append($0) }
        if result.failure != nil { throw notStarted }
        return outcome(of: result, took: Milliseconds(Int((ContinuousClock.now - began) / .milliseconds(1))), output: output.text)
    }

    private func outcome(of result: ReapedCommand.Result, took: Milliseconds, output: String) -> CommandOutcome {
        let ending: String =
            switch result.exit {
            case _ where result.passedDeadline: "killed: it took longer than \(deadline)"
            case .code(let code): "exit code \(code)"
            case .signal(let number): "killed by signal \(number)"
            case .outOfMemory, nil: "killed"
            }
        return CommandOutcome(
            passed: !result.passedDeadline && result.exit?.isSuccess == true, took: took, ending: ending, output: output,
            isLate: result.passedDeadline)
    }

    // MARK: What it is started with

    private var name: String { command.first ?? "" }

    /// Its program's, where that is given by a path.
    private var folder: String { FilePath(name).isAbsolute ? FilePath(name).removingLastComponent().string : "/" }

    /// Where the program is; a bare name is looked for in the daemon's `PATH`.
    private func program() throws -> String {
        guard !name.isEmpty else {
            throw GateError(
                code: "gates.command-not-started", message: "a command without a program", remedy: "give the hook a command", fault: .user)
        }
        guard !name.contains("/") else { return FilePath(name).isAbsolute ? name : FilePath(folder).appending(name).lexicallyNormalized().string }
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

    /// As `NAME=value`.
    private var variables: [String] {
        ProcessInfo.processInfo.environment.merging(environment) { _, own in own }.map { "\($0.key)=\($0.value)" }
    }
}

/// The end of an output, written on one thread and read on another.
private final class LastOutput: Sendable {
    private let tail: Mutex<OutputTail>
    init(limit: Int) { tail = Mutex(OutputTail(limit: limit)) }
    func append(_ bytes: [UInt8]) { tail.withLock { $0.append(bytes) } }
    var text: String { tail.withLock { $0.text } }
}
