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
    /// What this process has written of HAProxy's own files, by name: what is the same is not written again.
    var rendered: [String: Int] = [:]
    var process: HAProxyProcess?
    /// Those that a reload has replaced and that still serve their last requests.
    var replaced: [ReplacedProxy] = []
    /// The maps that HAProxy has, by path; what is not there has to be read.
    var maps: [String: [String: String]] = [:]
    /// The last generation that was wholly in force, by environment.
    var settled: [EnvironmentID: Generation] = [:]
    var digests: [Int: [ServerName: ServerDigest]] = [:]
    /// Slots in which something is on its way.
    var inTransition: Set<Int> = []
    let socket = KeptSocket()
    private var firstChecks = FirstChecks()
    /// Asked once: to look it up is to read a file, and the configuration's paths are wanted at each command.
    private let account = getpwnam("haproxy") == nil ? nil : "haproxy"
    private let stateFile: TwinFile<RouterState>

    init(folder: RouterFolder, configuration: RouterConfiguration, book: TrafficBook, logger: Logger) {
        self.folder = folder
        stateFile = TwinFile("state", in: folder)
        self.configuration = configuration
        self.book = book
        self.logger = logger
    }

    var file: ConfigurationFile {
        ConfigurationFile(
            configuration: configuration, folder: folder.path.string, maximumConnections: configuration.maximumConnections ?? Self.derivedConnections,
            user: account)
    }

    private static var derivedConnections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return RouterConfiguration.connections(openFiles: 1_024) }
        return RouterConfiguration.connections(openFiles: Int(clamping: limit.rlim_max))
    }

    // MARK: Files

    mutating func load() throws {
        try folder.create()
        state = try stateFile.read() ?? RouterState()
        book.assign(state.environments)
    }

    /// Puts a new state on disk, and then takes it as the present one.
    ///
    /// It is on disk when this returns, so what it says may be brought in force. HAProxy's own files are rendered from it when nothing is on
    /// its way any more, and whenever HAProxy is started or taken up: nobody else starts it, and moving traffic does not wait for them.
    ///
    /// - Parameter meanwhile: what brings nothing in force and need not wait for the disk; done also when the state is the same.
    mutating func store<Result>(_ new: RouterState, meanwhile: (RouterCore) throws -> Result) throws -> Result {
        guard new != state else { return try meanwhile(self) }
        let stateFile = stateFile
        let writing = Background { try stateFile.write(new) }
        let result = Swift.Result { try meanwhile(self) }
        try writing.wait()
        state = new
        isRendered = false
        book.assign(new.environments)
        return try result.get()
    }

    mutating func store(_ new: RouterState) throws { try store(new) { _ in } }

    mutating func renderIfNeeded() throws {
        guard !isRendered else { return }
        try render()
        isRendered = true
    }

    private mutating func render() throws {
        let file = file
        try render(file.checkPaths(of: state), to: "check-paths.map")
        try render(file.checkHosts(of: state), to: "check-hosts.map")
        try render(file.hosts(of: state), to: "hosts.map")
        try render(file.lanes(of: state), to: "lanes.map")
        try render(file.marks(of: state), to: "marks.map")
        try render(file.text(for: state), to: "haproxy.cfg")
    }

    private mutating func render(_ text: String, to name: String) throws {
        guard rendered[name] != text.hashValue else { return }
        rendered[name] = nil
        try folder.write(text.utf8, to: name, isDurable: false)
        rendered[name] = text.hashValue
    }

    // MARK: Talking to HAProxy

    func execute(_ commands: [RuntimeCommand]) throws -> [String] {
        guard !commands.isEmpty else { return [] }
        guard let process else { throw EngineError.routerUnreachable("no process is known") }
        return try socket.execute(commands, of: process, socketPath: file.socketPath)
    }

    /// Executes commands of which every one must succeed. All are tried; the first refusal is the error. A server that was not added leaves no
    /// entries behind: they would be doubled by the next attempt.
    func carryOut(_ commands: [RuntimeCommand]) throws {
        let answers = try execute(commands)
        let refusals = zip(commands, answers).compactMap { command, answer in command.refusal(in: answer).map { (command, $0) } }
        for (command, answer) in refusals { logger.warning("HAProxy refused a command", metadata: ["command": "\(command)", "answer": "\(answer)"]) }
        _ = try execute(
            refusals.flatMap { command, _ -> [RuntimeCommand] in
                guard case .addServer(let backend, let server) = command else { return [] }
                return RouterChanges.forget(server.name, in: backend, maps: file)
            })
        if let (command, answer) = refusals.first { throw EngineError.commandRefused(command, answer) }
    }

    /// What is in force, and what is in flight also in processes that were replaced.
    func look(at slots: [Int]) throws -> [Int: RouteSight] {
        var sights = try look(at: slots, by: execute)
        for former in replaced {
            // One that has just ended has nothing in flight.
            guard let seen = try? look(at: slots.filter { $0 < former.slots }, by: former.execute) else { continue }
            for (slot, sight) in seen { sights[slot]?.add(sight) }
        }
        return sights
    }

    private func look(at slots: [Int], by execute: ([RuntimeCommand]) throws -> [String]) throws -> [Int: RouteSight] {
        let backends = slots.flatMap { [Backend(.http, slot: $0), Backend(.tcp, slot: $0)] }
        // Streams last, see `RouteSight.streamCounts`.
        let answers = try execute(backends.flatMap { [.showServersState($0), .showStatistics($0)] } + [.showStreams])
        var sights = Dictionary(slots.map { ($0, RouteSight()) }, uniquingKeysWith: { first, _ in first })
        for answer in answers.dropLast() {
            for server in ServerInForce.parse(answer) { sights[server.backend.slot]?.servers.append(server) }
            guard answer.contains("pxname") else { continue }
            for statistics in ServerStatistics.parse(answer) { sights[statistics.backend.slot]?.statistics[statistics.name] = statistics }
        }
        let streams = StreamTable.parse(answers.last ?? "")
        guard !streams.isEmpty else { return sights }
        return sights.mapValues { sight in
            var sight = sight
            sight.streamCounts = streams
            return sight
        }
    }

    func look(at slot: Int) throws -> RouteSight { try look(at: [slot])[slot] ?? RouteSight() }

    mutating func known(_ path: String) throws -> [String: String] {
        if let map = maps[path] { return map }
        let lines = try execute([.showMap(path)]).first ?? ""
        // Each line: an address in memory, the key, the value.
        let read = lines.split(separator: "\n").reduce(into: [String: String]()) { map, line in
            let words = line.split(separator: " ")
            if words.count == 3 { map[String(words[1])] = String(words[2]) }
        }
        maps[path] = read
        return read
    }

    /// What HAProxy has of a slot's lanes and marks.
    private mutating func choices(inSlot slot: Int) throws -> (lanes: [String: String], marks: [String: String]) {
        let lanes = try known(file.lanesPath).filter { Lanes.belongs($0.key, toSlot: slot) }
        let marks = try known(file.marksPath).filter { $0.key.hasPrefix(MarkPattern.beginning(slot)) }
        return (lanes, marks)
    }

    // MARK: Routes

    mutating func apply(_ route: Route) throws -> Bool {
        var new = state
        try new.accept(route)
        guard let environment = new[route.environment] else { return false }
        let isNew = new != state
        if state.needsReload(to: new) {
            try store(new)
            try reload()
        }
        let sight = try store(new) { core in Result { try core.look(at: environment.slot) } }
        inTransition.insert(environment.slot)
        let seen = try sight.get()
        let hasChanged = try bringInForce(environment, from: seen)
        try endSessions(of: environment, seen)
        return isNew || hasChanged
    }

    /// Makes HAProxy be as an environment's route says; `true` when that took commands.
    @discardableResult
    mutating func bringInForce(_ environment: RoutedEnvironment) throws -> Bool {
        let sight = try look(at: environment.slot)
        inTransition.insert(environment.slot)
        return try bringInForce(environment, from: sight)
    }

    private mutating func bringInForce(_ environment: RoutedEnvironment, from sight: RouteSight) throws -> Bool {
        let commands = try remaining(for: environment, sight)
        guard !commands.isEmpty else { return false }
        forgetMaps(changedBy: commands)
        // Also when one of them is refused: the others were carried out.
        firstChecks.note(commands, at: .now)
        try carryOut(commands)
        let cuts = commands.filter { if case .shutDownSessions = $0 { true } else { false } }
        // One that has just ended has nothing left to cut.
        for former in replaced { _ = try? former.execute(cuts) }
        return true
    }

    /// Lets go of processes that were replaced and serve nobody any more, which lets them end.
    mutating func letGoOfIdle() {
        replaced.forEach { $0.letGoIfIdle() }
        replaced.removeAll { !$0.process.isRunning }
    }

    private mutating func forgetMaps(changedBy commands: [RuntimeCommand]) {
        for map in Set(commands.compactMap(\.map)) { maps[map] = nil }
    }

    /// The commands still needed. Connections are cut only where there are some.
    private mutating func remaining(for environment: RoutedEnvironment, _ sight: RouteSight) throws -> [RuntimeCommand] {
        let (lanes, marks) = try choices(inSlot: environment.slot)
        return RouterChanges.between(
            servers: sight.servers, hosts: try known(file.hostsPath), lanes: lanes, marks: marks, wanted: environment, maps: file
        ).filter { command in
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
        let sight = try look(at: environment.slot)
        let (lanes, marks) = try choices(inSlot: environment.slot)
        let commands =
            RouterChanges.removal(servers: sight.servers, hosts: try known(file.hostsPath), host: environment.route.host, maps: file)
            + RouterChanges.clearance(lanes: lanes, marks: marks, slot: environment.slot, maps: file)
        forgetMaps(changedBy: commands)
        try carryOut(commands)
    }

    mutating func observe(_ id: EnvironmentID) throws -> RouteObservation? {
        guard let before = state[id] else { return RouteObservation(generation: Generation(0), split: .empty, servers: [:]) }
        let sight = try look(at: before.slot)
        try note(sight, of: before)
        guard let environment = state[id] else { return nil }
        let isInForce = sight.isInForce(environment, remaining: try remaining(for: environment, sight).filter(\.changesTraffic))
        if isInForce { settled[id] = environment.route.generation }
        return sight.observation(of: environment, settled: settled[id] ?? Generation(0), isInForce: isInForce, served: book.served(by: id))
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
        var changed: [EnvironmentID] = []
        let lookedAt = ContinuousClock.now
        for (slot, seen) in try look(at: slots).sorted(by: { $0.key < $1.key }) {
            let sight = try withdrawOverlooked(seen, inSlot: slot, lookedAt: lookedAt)
            if let environment = state.environment(inSlot: slot) { try note(sight, of: environment) }
            let environment = state.environment(inSlot: slot)
            let digest = sight.digest(of: environment)
            if digests[slot] != digest, let id = environment?.route.environment { changed.append(id) }
            digests[slot] = digest
            let acted = try environment.map { try bringInForce($0, from: sight) } ?? false
            if let environment { try endSessions(of: environment, sight) }
            let isMoving = try sweep(sight, of: environment) || acted || sight.isInTransition(environment)
            if isMoving { inTransition.insert(slot) } else { inTransition.remove(slot) }
        }
        if inTransition.isEmpty { try renderIfNeeded() }
        return changed
    }

    /// Takes out servers whose first check is put off, so that they are added again.
    ///
    /// - Parameter lookedAt: when what is seen was asked for. It is looked again before any is taken out: much may have happened since.
    private mutating func withdrawOverlooked(_ sight: RouteSight, inSlot slot: Int, lookedAt: ContinuousClock.Instant) throws -> RouteSight {
        guard !firstChecks.overlooked(sight.servers, at: lookedAt).isEmpty else { return sight }
        let now = ContinuousClock.now
        let present = try look(at: slot)
        let overlooked = firstChecks.overlooked(present.servers, at: now).filter { present.inFlight($0.name) == 0 }
        guard !overlooked.isEmpty else { return present }
        logger.debug("HAProxy overlooked new servers", metadata: ["servers": "\(overlooked.map(\.name))"])
        _ = try delete(overlooked)
        return try look(at: slot)
    }

    /// Removes servers that are idle and that nobody wants; `true` when there was one.
    private mutating func sweep(_ sight: RouteSight, of environment: RoutedEnvironment?) throws -> Bool {
        let idle = sight.idleLeftovers(of: environment)
        guard !idle.isEmpty else { return false }
        firstChecks.forget(try delete(idle))
        return true
    }

    /// - Returns: those that are gone. A refusal means that a connection is still open: the next look tries again.
    private mutating func delete(_ servers: [ServerInForce]) throws -> [ServerName] {
        let commands = RouterChanges.sweep(servers, maps: file)
        let answers = try execute(commands)
        let gone = zip(commands, answers).filter { command, answer in command.refusal(in: answer) == nil }.compactMap { $0.0.deleted }
        let rest = servers.filter { gone.contains($0.name) }.flatMap { RouterChanges.forget($0.name, in: $0.backend, maps: file) }
        forgetMaps(changedBy: rest)
        _ = try execute(rest)
        return gone
    }

    /// Every slot that is, or may still be, in use.
    var slotsInUse: [Int] { Set(state.environments.map(\.slot)).union(inTransition).sorted() }
}

extension RuntimeCommand {
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
