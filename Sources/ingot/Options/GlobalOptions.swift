import ArgumentParser
import Client
import IngotModel

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    static let defaultRoot = "/var/lib/ingot"

    @Option(help: ArgumentHelp("The daemon's folder; $INGOT_ROOT, or \(defaultRoot), if left out.", valueName: "folder"), completion: .directory)
    var root: String?

    @Option(name: .shortAndLong, help: "How the answer is written: for people, or as JSON for programs.")
    var output: OutputFormat = .text

    var console: Console { Console(format: output) }

    /// Absolute: the daemon and the commands must mean the same folder wherever they are started.
    var rootFolder: String {
        let chosen = root ?? TextStyle.environment("INGOT_ROOT").flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultRoot
        return chosen.hasPrefix("/") ? chosen : "\(WorkingFolder.current)/\(chosen)"
    }

    var client: Client { Client(socket: "\(rootFolder)/ingot.sock") }
}
