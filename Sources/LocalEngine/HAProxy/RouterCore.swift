import Engine
import FoundationEssentials
import Glibc
import IngotModel
import Logging
import SystemPackage

/// The router's state and what it does with HAProxy. Its calls block; `HAProxyRouter` runs them one after another on a thread of their own.
struct RouterCore {
    let folder: RouterFolder
    let configuration: RouterConfiguration
    let book: TrafficBook
    let logger: Logger
    var state = RouterState()
    /// Whether HAProxy's own files say what `state` says.
    var isRendered = false
    var process: HAProxyProcess?
    /// Those that a reload has replaced and that still serve their last requests.
    var replaced: [HAProxyProcess] = []
    /// The map of hosts that HAProxy has; `nil` when it has to be read.
    var hosts: [String: String]?
    /// The last generation that was wholly in force, by environment.
    var settled: [EnvironmentID: Generation] = [:]
    var digests: [Int: [ServerName: ServerDigest]] = [:]
    /// Slots in which something is on its way.
    var inTransition: Set<Int> = []

    init(folder: RouterFolder, configuration: RouterConfiguration, book: TrafficBook, logger: Logger) {
        self.folder = folder
        self.configuration = configuration
        self.book = book
        self.logger = logger
    }

    var file: ConfigurationFile {
        ConfigurationFile(
            configuration: configuration, folder: folder.path.string, maximumConnections: configuration.maximumConnections ?? Self.derivedConnections,
            user: getpwnam("haproxy") == nil ? nil : "haproxy")
    }

    private static var derivedConnections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return RouterConfiguration.connections(openFiles: 1_024) }
        return RouterConfiguration.connections(openFiles: Int(clamping: limit.rlim_max))
    }

    // MARK: Files

    mutating func load() throws {
        try folder.create()
        state = try folder.readJSON(RouterState.self, from: "state.json") ?? RouterState()
        if let ledger = try readLedger() { book.replace(with: ledger) }
        book.assign(state.environments)
    }

    /// Counts that can't be read are a loss, but no reason to stay down.
    private func readLedger() throws -> TrafficLedger? {
        do {
            return try folder.readJSON(TrafficLedger.self, from: "traffic.json")
        } catch {
            logger.error("the router's counters can't be read and begin again", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Puts a new state on disk, and then takes it as the present one.
    ///
    /// `state.json` is on disk when this returns, so what it says may be brought in force. HAProxy's own files are rendered
    /// from it afterwards, and again whenever HAProxy is started or taken up: moving traffic does not wait for them.
    mutating func store(_ new: RouterState) throws {
        guard new != state else { return }
        try folder.writeJSON(new, to: "state.json")
        state = new
        isRendered = false
        book.assign(new.environments)
    }

    mutating func renderIfNeeded() throws {
        guard !isRendered else { return }
        try render()
        isRendered = true
    }

    private func render() throws {
        let file = file
        try folder.write(file.checkPaths(of: state).utf8, to: "check-paths.map", isDurable: false)
        try folder.write(file.checkHosts(of: state).utf8, to: "check-hosts.map", isDurable: false)
        try folder.write(file.hosts(of: state).utf8, to: "hosts.map", isDurable: false)
        try folder.write(file.text(for: state).utf8, to: "haproxy.cfg", isDurable: false)
    }

    // MARK: Talking to HAProxy

    func execute(_ commands: [RuntimeCommand]) throws -> [String] {
        guard !commands.isEmpty else { return [] }
        return try RuntimeSocket(path: file.socketPath).execute(commands)
    }

    /// Executes commands of which every one must succeed. All are tried; the first refusal is the error.
    func carryOut(_ commands: [RuntimeCommand]) throws {
        let answers = try execute(commands)
        let refusals = zip(commands, answers).compactMap { command, answer in command.refusal(in: answer).map { (command, $0) } }
        for (command, answer) in refusals { logger.warning("HAProxy refused a command", metadata: ["command": "\(command)", "answer": "\(answer)"]) }
        if let (command, answer) = refusals.first { throw EngineError.commandRefused(command, answer) }
    }

    func look(at slots: [Int]) throws -> [Int: RouteSight] {
        let backends = slots.flatMap { [Backend(.http, slot: $0), Backend(.tcp, slot: $0)] }
        let answers = try execute(backends.flatMap { [.showServersState($0), .showStatistics($0)] })
        var sights = Dictionary(slots.map { ($0, RouteSight()) }, uniquingKeysWith: { first, _ in first })
        for answer in answers {
            for server in ServerInForce.parse(answer) { sights[server.backend.slot]?.servers.append(server) }
            guard answer.contains("pxname") else { continue }
            for statistics in ServerStatistics.parse(answer) { sights[statistics.backend.slot]?.statistics[statistics.name] = statistics }
        }
        return sights
    }

    mutating func knownHosts() throws -> [String: String] {
        if let hosts { return hosts }
        let lines = try execute([.showMap(file.hostsPath)]).first ?? ""
        // Each line: an address in memory, the key, the value.
        let read = lines.split(separator: "\n").reduce(into: [String: String]()) { map, line in
            let words = line.split(separator: " ")
            if words.count == 3 { map[String(words[1])] = String(words[2]) }
        }
        hosts = read
        return read
    }

    // MARK: Routes

    mutating func apply(_ route: Route) throws -> Bool {
        var new = state
        try new.accept(route)
        let isNew = new != state
        let grows = new.slots > state.slots
        try store(new)
        if grows { try reload() }
        guard let environment = state[route.environment] else { return false }
        let result = Result { try bringInForce(environment) }
        try renderIfNeeded()
        let hasChanged = try result.get()
        return isNew || hasChanged
    }

    /// Makes HAProxy be as an environment's route says; `true` when that took commands.
    @discardableResult
    mutating func bringInForce(_ environment: RoutedEnvironment) throws -> Bool {
        let sight = try look(at: [environment.slot])[environment.slot] ?? RouteSight()
        inTransition.insert(environment.slot)
        return try bringInForce(environment, from: sight)
    }

    private mutating func bringInForce(_ environment: RoutedEnvironment, from sight: RouteSight) throws -> Bool {
        let commands = try remaining(for: environment, sight)
        guard !commands.isEmpty else { return false }
        if commands.contains(where: \.changesHosts) { hosts = nil }
        try carryOut(commands)
        return true
    }

    /// The commands still needed. Connections are cut only where there are some.
    private mutating func remaining(for environment: RoutedEnvironment, _ sight: RouteSight) throws -> [RuntimeCommand] {
        RouterChanges.between(servers: sight.servers, hosts: try knownHosts(), wanted: environment, maps: file).filter { command in
            guard case .shutDownSessions(_, let name) = command else { return true }
            return sight.inFlight(name) > 0
        }
    }

    mutating func remove(_ id: EnvironmentID) throws {
        guard let environment = state[id] else { return }
        var new = state
        new.remove(id)
        try store(new)
        book.forget(id)
        settled[id] = nil
        inTransition.insert(environment.slot)
        let sight = try look(at: [environment.slot])[environment.slot] ?? RouteSight()
        let known = try knownHosts()
        hosts = nil
        try carryOut(RouterChanges.removal(servers: sight.servers, hosts: known, host: environment.route.host, maps: file))
    }

    mutating func observe(_ id: EnvironmentID) throws -> RouteObservation? {
        guard let before = state[id] else { return RouteObservation(generation: Generation(0), split: .empty, servers: [:]) }
        let sight = try look(at: [before.slot])[before.slot] ?? RouteSight()
        try note(sight, of: before)
        guard let environment = state[id] else { return nil }
        let isInForce = sight.isInForce(environment, remaining: try remaining(for: environment, sight).filter(\.changesTraffic))
        if isInForce { settled[id] = environment.route.generation }
        return sight.observation(of: environment, settled: settled[id] ?? Generation(0), isInForce: isInForce)
    }

    /// Remembers which instances have been healthy.
    private mutating func note(_ sight: RouteSight, of environment: RoutedEnvironment) throws {
        var new = state
        let wanted = Set(environment.route.servers.map(\.name))
        for server in sight.servers where server.isRunning && server.administration != .maintenance && wanted.contains(server.name) {
            _ = new.sawHealthy(server.name.instance, of: environment.route.environment)
        }
        try store(new)
    }

    // MARK: Keeping it so

    /// Looks at some slots, brings in force what is not, removes what is idle and unwanted.
    ///
    /// - Returns: the environments in which something has changed since the last look.
    mutating func keep(_ slots: [Int]) throws -> [EnvironmentID] {
        try renderIfNeeded()
        var changed: [EnvironmentID] = []
        for (slot, sight) in try look(at: slots).sorted(by: { $0.key < $1.key }) {
            if let environment = state.environment(inSlot: slot) { try note(sight, of: environment) }
            let environment = state.environment(inSlot: slot)
            let digest = sight.digest(of: environment)
            if digests[slot] != digest, let id = environment?.route.environment { changed.append(id) }
            digests[slot] = digest
            let acted = try environment.map { try bringInForce($0, from: sight) } ?? false
            let isMoving = try sweep(sight, of: environment) || acted || sight.isInTransition(environment)
            if isMoving { inTransition.insert(slot) } else { inTransition.remove(slot) }
        }
        return changed
    }

    /// Removes servers that are idle and that nobody wants; `true` when there was one.
    private func sweep(_ sight: RouteSight, of environment: RoutedEnvironment?) throws -> Bool {
        let idle = sight.idleLeftovers(of: environment)
        guard !idle.isEmpty else { return false }
        let commands = RouterChanges.sweep(idle, maps: file)
        let answers = try execute(commands)
        // A refusal means that a connection is still open: the next look tries again.
        let gone = zip(commands, answers).filter { command, answer in command.refusal(in: answer) == nil }.compactMap { $0.0.deleted }
        _ = try execute(idle.filter { gone.contains($0.name) }.flatMap { RouterChanges.forget($0, maps: file) })
        return true
    }

    /// Every slot that is, or may still be, in use.
    var slotsInUse: [Int] { Set(state.environments.map(\.slot)).union(inTransition).sorted() }
}

extension RuntimeCommand {
    fileprivate var changesHosts: Bool {
        switch self {
        case .addToMap(let map, _, _), .setInMap(let map, _, _), .deleteFromMap(let map, _): map.hasSuffix("/hosts.map")
        default: false
        }
    }

    /// Whether who gets requests is other before than after it.
    fileprivate var changesTraffic: Bool {
        switch self {
        case .shutDownSessions, .enableChecks: false
        default: true
        }
    }

    fileprivate var deleted: ServerName? {
        if case .deleteServer(_, let name) = self { name } else { nil }
    }
}
