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

    @OptionGroup(title: "Options for a daemon on another machine") var remote: RemoteOptions

    /// For commands that have some of these options, and none for another machine.
    static func local(root: String?, output: OutputFormat = .text) -> GlobalOptions {
        var options = GlobalOptions()
        options.root = root
        options.output = output
        options.remote = .none
        return options
    }

    var console: Console { Console(format: output) }

    /// Absolute: the daemon and the commands must mean the same folder wherever they are started.
    var rootFolder: String {
        let chosen = root ?? EnvironmentVariables.value("INGOT_ROOT") ?? Self.defaultRoot
        return chosen.hasPrefix("/") ? chosen : "\(WorkingFolder.current)/\(chosen)"
    }

    /// The daemon of another machine, if one was named. A folder that is given as an argument is nearer than a variable that names a host.
    var host: String? { remote.host ?? (root == nil ? EnvironmentVariables.value("INGOT_HOST") : nil) }

    var client: Client {
        let (host, remote, socket) = (host, remote, "\(rootFolder)/ingot.sock")
        return Client { try host.map { .remote(try remote.daemon(at: $0)) } ?? .socket(socket) }
    }

    /// - Throws: `CommandError` when a daemon on another machine was named, for what needs files of this one.
    func checkLocal() throws {
        guard let host else { return }
        throw CommandError(
            "local-only", "this works on files of the daemon's own machine, and \(host) is another one",
            remedy: "run it there; or leave out --host and INGOT_HOST, if this machine is meant")
    }
}
