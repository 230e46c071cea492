import ArgumentParser
import Glibc
import ImageBuild
import IngotModel
import SystemPackage

/// A command with the options that all have.
protocol IngotCommand: AsyncParsableCommand, Sendable {
    var options: GlobalOptions { get }
    /// Whether an interrupt cancels the command's task, so that it can clean up. The daemon sees to its signals itself.
    static var isInterruptible: Bool { get }
}

extension IngotCommand {
    static var isInterruptible: Bool { true }
    var console: Console { options.console }
}

/// Runs one command line to its exit code.
enum CommandRun {
    static func run(_ arguments: [String]) async -> CInt {
        var command: any ParsableCommand
        do {
            command = try Ingot.parseAsRoot(arguments)
        } catch {
            return finish(parsing: error)
        }
        guard let ours = command as? any IngotCommand else { return help(&command) }
        do {
            try await run(ours)
            return 0
        } catch {
            return finish(error, ours.console)
        }
    }

    /// The commands that have none of our options are ArgumentParser's own, and the groups: all they do is to help.
    private static func help(_ command: inout any ParsableCommand) -> CInt {
        do {
            try command.run()
            return 0
        } catch {
            return finish(parsing: error)
        }
    }

    private static func run(_ ours: any IngotCommand) async throws {
        guard type(of: ours).isInterruptible else {
            var command = ours
            return try await command.run()
        }
        try await Interrupts.cancelling {
            var command = ours
            try await command.run()
        }
    }

    /// The exit code of a command line that was not understood, or that asked for help.
    static func exitCode(parsing error: any Error) -> CInt {
        let code = Ingot.exitCode(for: error)
        return code.isSuccess ? 0 : Fault.user.exitCode
    }

    private static func finish(parsing error: any Error) -> CInt {
        let code = exitCode(parsing: error)
        Console.write(Ingot.fullMessage(for: error) + "\n", to: code == 0 ? STDOUT_FILENO : STDERR_FILENO)
        return code
    }

    private static func finish(_ error: any Error, _ console: Console) -> CInt {
        switch error {
        case let code as ExitCode: return code.rawValue
        case is CancellationError: return Interrupts.exitCode
        case is CleanExit, is ValidationError: return finish(parsing: error)
        default:
            let failure = Failure.view(of: error)
            console.show(failure)
            return failure.report.fault.exitCode
        }
    }
}

enum Failure {
    static func view(of error: any Error) -> FailureView {
        let failed = error as? FailedBuild
        var view = FailureView(report: ErrorReport(failed?.error ?? error))
        if let error = error as? CommandError {
            view.diagnostics = error.diagnostics
            view.output = error.output
        } else if let error = failed?.error ?? error as? BuildError {
            view.diagnostics = error.diagnostics
            view.output = error.outputTail.map(Terminal.safe)
            view.linesAround = 2
            view.report = withoutRepeats(view.report, error.diagnostics)
        }
        for file in Set(view.diagnostics.map(\.location.file)) { view.sources[file] = source(file, in: failed?.folder) }
        return view
    }

    /// A source that can't be read any more is left out: the diagnostic says its place all the same.
    private static func source(_ file: String, in folder: FilePath?) -> String? {
        let path = folder.map { $0.pushing(FilePath(file)).string } ?? file
        return (try? LocalFile.read(path, limit: .mebibytes(2))) ?? nil
    }

    /// What the diagnostics tell in full is not told again below them.
    private static func withoutRepeats(_ report: ErrorReport, _ diagnostics: [Diagnostic]) -> ErrorReport {
        var report = report
        if diagnostics.contains(where: { report.message.contains($0.message) }) { report.message = "the image was not built" }
        if diagnostics.contains(where: { $0.hint == report.remedy }) { report.remedy = nil }
        return report
    }
}
