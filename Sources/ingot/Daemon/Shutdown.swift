import ArgumentParser
import ControlPlane
import Glibc
import Logging

struct Shutdown: IngotCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the daemon, every instance and the router of this machine.",
        discussion: """
            To stop only the daemon, and let instances and traffic go on, use `systemctl stop ingot` or send it SIGTERM.
            Images, releases and events stay: a daemon that is started again runs everything anew.

            Example:
              ingot shutdown --yes
            """)

    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        guard yes || isConfirmed() else {
            throw CommandError("not-confirmed", "nothing was ended", remedy: "answer 'yes', or run `ingot shutdown --yes`")
        }
        let logger = Logger(label: "ingot") { LogfmtHandler(label: $0, level: .warning) }
        try await LocalParts().endEverything(root: options.rootFolder, logger: logger)
    }

    private func isConfirmed() -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return false }
        Console.write("This ends every instance under \(options.rootFolder); nothing answers users then. Go on? Type yes: ", to: STDERR_FILENO)
        return readLine() == "yes"
    }
}
