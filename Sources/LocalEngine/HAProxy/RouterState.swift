import Engine
import IngotModel

/// All that the router must not forget: what was asked of it, and where it put it. Stored before it is in force.
struct RouterState: Hashable, Sendable, Codable {
    /// How many backends of each kind HAProxy has.
    var slots: Int
    var environments: [RoutedEnvironment]
    /// How long a readiness check may take, in the slots in which that is not `RouterLimits.checkTimeout`. HAProxy has one for each backend and
    /// reads it at its start only, so a change takes a reload. A slot keeps its own when it is given up.
    private(set) var checkTimeouts: [Int: Milliseconds] = [:]

    init(slots: Int = RouterLimits.slots, environments: [RoutedEnvironment] = []) {
        self.slots = slots
        self.environments = environments
    }

    private enum CodingKeys: String, CodingKey { case slots, environments, checkTimeouts }

    /// The timeouts came later than the others.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        slots = try container.decode(Int.self, forKey: .slots)
        environments = try container.decode([RoutedEnvironment].self, forKey: .environments)
        checkTimeouts = try container.decodeIfPresent([Int: Milliseconds].self, forKey: .checkTimeouts) ?? [:]
    }

    subscript(environment: EnvironmentID) -> RoutedEnvironment? {
        environments.first { $0.route.environment == environment }
    }

    func environment(inSlot slot: Int) -> RoutedEnvironment? { environments.first { $0.slot == slot } }

    func checkTimeout(inSlot slot: Int) -> Milliseconds { checkTimeouts[slot] ?? RouterLimits.checkTimeout }

    /// Whether HAProxy has to be reloaded to come from one state to the other.
    func needsReload(to new: RouterState) -> Bool { slots != new.slots || checkTimeouts != new.checkTimeouts }

    /// Takes in what is asked for. Pure: the caller stores the result, then carries it out.
    ///
    /// - Throws: `engine.stale-generation`, `router.host-taken`, `router.bad-host`, `router.bad-endpoint`, `router.bad-mark`,
    ///   `router.mixed-readiness`, `router.full`.
    mutating func accept(_ route: Route) throws {
        try RouteCheck.validate(route)
        if let other = environments.first(where: { $0.route.host == route.host && $0.route.environment != route.environment }) {
            throw EngineError(
                code: "router.host-taken",
                message: "host \(route.host) of \(route.environment) is already the host of \(other.route.environment)",
                remedy: "give one of them another host in its ingot.yaml", fault: .user)
        }
        guard let index = environments.firstIndex(where: { $0.route.environment == route.environment }) else {
            let slot = try takeSlot(for: route)
            environments.append(RoutedEnvironment(slot: slot, route: route, cookie: route.sticky?.name))
            environments.sort { $0.slot < $1.slot }
            return setCheckTimeout(of: route, inSlot: slot)
        }
        let newest = environments[index].route.generation
        guard route.generation >= newest else {
            throw EngineError.staleGeneration(route.generation, newest: newest, of: route.environment)
        }
        environments[index].route = route
        environments[index].cookie = route.sticky?.name ?? environments[index].cookie
        setCheckTimeout(of: route, inSlot: environments[index].slot)
        environments[index].everUp.formIntersection(route.servers.map(\.instance))
    }

    mutating func remove(_ environment: EnvironmentID) {
        environments.removeAll { $0.route.environment == environment }
    }

    /// Notes that an instance was seen healthy; `true` when that is news.
    mutating func sawHealthy(_ instance: InstanceID, of environment: EnvironmentID) -> Bool {
        guard let index = environments.firstIndex(where: { $0.route.environment == environment }) else { return false }
        return environments[index].everUp.insert(instance).inserted
    }

    /// Where servers of one environment differ, the longest: the releases of one rollout are in one backend.
    private mutating func setCheckTimeout(of route: Route, inSlot slot: Int) {
        guard let timeout = route.servers.map(\.readiness.timeout).max() else { return }
        checkTimeouts[slot] = timeout == RouterLimits.checkTimeout ? nil : timeout
    }

    /// A free slot, if possible one whose checks may take as long; when none is free the pool doubles, which takes a reload.
    private mutating func takeSlot(for route: Route) throws -> Int {
        let environment = route.environment
        let taken = Set(environments.map(\.slot))
        let timeout = route.servers.map(\.readiness.timeout).max()
        let free = (0..<slots).filter { !taken.contains($0) }
        if let fitting = free.first(where: { timeout == nil || checkTimeout(inSlot: $0) == timeout }) ?? free.first { return fitting }
        guard slots * 2 <= RouterLimits.mostSlots else {
            throw EngineError(
                code: "router.full", message: "the router has no room for \(environment): it serves \(taken.count) environments",
                remedy: "remove environments that are no longer needed")
        }
        defer { slots *= 2 }
        return slots
    }
}

/// An environment and the backends that serve it.
struct RoutedEnvironment: Hashable, Sendable, Codable {
    var slot: Int
    var route: Route
    /// Instances that were healthy at least once: after a restart of HAProxy these take traffic at once, others must show it first.
    var everUp: Set<InstanceID> = []
    /// The router's own cookie, also after visitors stopped being kept by it: their browsers go on sending it, and the service is never to see it.
    var cookie: String?

    /// The backend that the host points at: the one of the release with the greatest share.
    var trafficBackend: Backend { Backend(trafficCheck, slot: slot) }

    private var trafficCheck: Backend.Check {
        let release = majorRelease
        let server = route.servers.first { $0.release == release } ?? route.servers.first
        return server?.check ?? .http
    }

    /// The servers whose requests are cut one by one, because their streams have time of their own.
    var cutByRequest: Set<ServerName> {
        Set(route.servers.filter { $0.state == .cutting && hasStreamLimit($0) }.map(\.name))
    }

    /// While its streams are limited, cutting a server spares them.
    func hasStreamLimit(_ server: RouteServer) -> Bool { route.streamLimits.contains { $0.isFor(server.instance, of: server.release) } }

    /// Whose users are turned away when no server can take a request.
    var majorRelease: ReleaseNumber? {
        route.split.shares.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// The weight of every server that takes traffic, with the shares spread over those that are up, or over all when none is.
    func weights(isUp: (ServerName) -> Bool) -> [ServerName: Int] {
        let active = route.servers.filter { $0.state == .active }
        let byRelease = Dictionary(grouping: active, by: \.release)
        let taking = byRelease.mapValues { servers in
            let up = servers.count { isUp($0.name) }
            return up > 0 ? up : servers.count
        }
        let weights = SplitWeights.weights(for: route.split, servers: taking)
        return Dictionary(active.map { ($0.name, weights[$0.release] ?? 0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension RouteServer {
    var name: ServerName { ServerName(release: release, instance: instance) }
    var check: Backend.Check { readiness.path == nil ? .tcp : .http }
}
