import ArgumentParser
import ControlPlane
import Glibc
import IngotModel
import Logging

struct ShutdownCommand: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "shutdown", abstract: "End the daemon, every instance and the router of this root; keep what is stored.",
        discussion: """
            Requests in flight are cut. Images, releases and history stay, and the next `ingot serve` brings back what served.

            Example:
              ingot shutdown --yes
            """)

    @Flag(help: "Do it: everything on this root stops serving.") var yes = false
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if !yes { throw ValidationError("Everything on this root would stop serving; add --yes if that is meant.") }
    }

    func run() async throws {
        try options.checkLocal()
        let root = options.rootFolder
        guard geteuid() == 0 || access(root, W_OK) == 0 else {
            throw CommandError("shutdown-not-permitted", "user \(geteuid()) may not shut \(root) down", remedy: "run it as root, with sudo")
        }
        let logger = Logger(label: "ingot.shutdown") { LogfmtHandler(label: $0, level: .warning) }
        console.show(ShutdownView(value: try await Shutdown(root: root, logger: logger).run()))
    }
}

struct ShutdownView: View {
    var value: Shutdown.Report

    func lines(_ style: TextStyle) -> [String] {
        let ended =
            [value.daemonEnded ? "the daemon" : nil, value.routerEnded ? "the router" : nil].compactMap { $0 }
            + (value.instancesEnded > 0 ? [Words.count(value.instancesEnded, "instance")] : [])
        return [ended.isEmpty ? "nothing was running" : "ended \(ended.joined(separator: ", "))"]
    }
}
