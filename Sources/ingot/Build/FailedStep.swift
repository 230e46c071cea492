import Glibc
import ImageBuild
import IngotModel

/// A shell at a step that failed, for somebody who looks what went wrong.
struct FailedStep {
    let step: InteractiveStep
    let display: BuildDisplay

    func run() async throws {
        guard isatty(STDIN_FILENO) == 1 else {
            Console.write("--interactive-on-error needs a terminal on standard input: no shell is given\n", to: STDERR_FILENO)
            return
        }
        display.finish()
        let text = ImageView.words(step.arguments)
        Console.write("\nThis failed: \(TerminalText.cut(Terminal.safe(text), to: 200))\n", to: STDERR_FILENO)
        // The tree, which had the last of it, is gone.
        for line in step.error.outputTail.suffix(Self.lines) { Console.write("  \(Terminal.safe(line))\n", to: STDERR_FILENO) }
        Console.write("A shell with its files, mounts and user; what it writes is thrown away. `exit` ends the build.\n", to: STDERR_FILENO)
        do {
            // A terminal that goes away takes the shell with it: the runtime would wait for it for ever.
            try await EndingSignals.watched { signals in
                _ = try await signals.cancelling { try await step.run(["/bin/sh"], input: STDIN_FILENO, output: STDERR_FILENO) }
            }
        } catch let error as any ExplainedError {
            // Why the step failed is what the build ends with.
            Console.write("no shell could be started: \(error.message)\n", to: STDERR_FILENO)
        }
    }

    /// As many lines of output are shown again.
    private static let lines = 10
}
