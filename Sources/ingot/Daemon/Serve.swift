import ArgumentParser
import ControlPlane
import Logging

struct Serve: IngotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon in the foreground.",
        discussion: """
            It takes up every instance and the router that a daemon before left running. When it ends, by SIGTERM or SIGINT,
            they go on without it. A systemd unit is in deploy/systemd.

            Examples:
              ingot serve
              ingot serve --bind 127.0.0.1:8080 --root /tmp/ingot
            """)

    /// The daemon sees to its signals itself: it ends in order.
    static var isInterruptible: Bool { false }

    @Option(
        help: ArgumentHelp("Where the router listens; may be given more than once.", discussion: "Default: \(defaultBind).", valueName: "address:port"))
    var bind: [String] = []
    @Option(help: ArgumentHelp("Where instances get their addresses: a free private range is found if none is given.", valueName: "range"))
    var addressRange: String?
    @Option(help: ArgumentHelp("How much is logged: trace, debug, info, notice, warning, error.", valueName: "level"))
    var logLevel: LogLevel = .init(level: .info)
    @OptionGroup var options: GlobalOptions

    private static let defaultBind = "*:80"

    func run() async throws {
        let logger = Logger(label: "ingot") { LogfmtHandler(label: $0, level: logLevel.level) }
        let parts = LocalParts(binds: bind.isEmpty ? [Self.defaultBind] : bind, addressRange: addressRange)
        let daemon = try await parts.daemon(DaemonConfiguration(root: options.rootFolder, version: Version.current), logger: logger)
        try await daemon.runUntilSignalled()
    }
}

struct LogLevel: ExpressibleByArgument {
    var level: Logger.Level
    init(level: Logger.Level) { self.level = level }
    init?(argument: String) {
        guard let level = Logger.Level(rawValue: argument) else { return nil }
        self.level = level
    }
    var defaultValueDescription: String { level.rawValue }
    static var allValueStrings: [String] { Logger.Level.allCases.map(\.rawValue) }
}
