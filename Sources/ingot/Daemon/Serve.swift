public import ArgumentParser
import ControlPlane
import Glibc
import IngotModel
public import Logging
import ServiceLifecycle
import UnixSignals

struct Serve: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the daemon in the foreground: the API, the engine, the router.",
        discussion: """
            It takes up what a daemon before it left running. When it ends, instances and router go on; `ingot shutdown` \
            ends those too. SIGTERM or Ctrl-C ends it gracefully. Logs go to standard error.

            Example:
              ingot serve
              ingot serve --bind 127.0.0.1:8080 --root /srv/ingot
              ingot serve --registry 127.0.0.1:5000
              ingot serve --listen 0.0.0.0:9443 --tls-certificate server.pem --tls-key server.key
            """)
    static var isInterruptible: Bool { false }

    @Option(help: ArgumentHelp("Where the router listens, such as *:80; may be given again.", valueName: "address:port")) var bind: [String] = []
    @OptionGroup var listen: ListenFlags
    @Option(help: ArgumentHelp("Where instances get their addresses; a private range that nothing here uses if left out.", valueName: "cidr"))
    var addresses: String?
    @Option(help: ArgumentHelp("The executable ingot-supervisor; the one beside this program if left out.", valueName: "file")) var supervisor:
        String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The priority of the daemon and the router, -20 (the highest) to 19; instances and commands have 0.", valueName: "value"))
    var nice = DaemonPriority.usual
    @Option(help: "The least important messages that are logged.") var logLevel: Logger.Level = .info
    @OptionGroup(title: "Registry") var registry: RegistryServerFlags
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        for address in bind where ListenAddress(address) == nil {
            throw ValidationError("--bind takes ADDRESS:PORT, such as *:80 or 127.0.0.1:8080, not '\(address)'.")
        }
        guard DaemonPriority.range.contains(nice) else { throw ValidationError("--nice takes -20 to 19, not \(nice).") }
    }

    func run() async throws {
        if let remote = options.remote.host { throw CommandError("local-only", "a daemon runs on this machine, and \(remote) is another one") }
        let level = logLevel
        LoggingSystem.bootstrap { LogfmtHandler(label: $0, level: level) }
        let logger = Logger(label: "ingot")
        if let reason = DaemonPriority.set(nice) {
            logger.notice("the daemon keeps its priority", metadata: ["nice": "\(nice)", "error": "\(String(cString: strerror(reason)))"])
        }
        let parts = LocalParts(
            binds: bind.isEmpty ? ["*:80"] : bind, addressRange: addresses, supervisor: supervisor, besides: registry.services)
        let configuration = DaemonConfiguration(root: options.rootFolder, remote: listen.listener, version: Version.current)
        let daemon = try await parts.daemon(configuration, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [daemon], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
