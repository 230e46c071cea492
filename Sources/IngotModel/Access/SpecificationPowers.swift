/// What a service's settings ask of the daemon beyond running a contained instance: whoever may set these has the daemon's own rights.
public struct HostPowers: Hashable, Sendable {
    /// Commands that the daemon runs, addresses that it asks, and secrets that it reads with its own rights, by environment.
    var environments: [EnvironmentName: [AnyPower]] = [:]
    var allowsRoot = false
    var capabilities: [String] = []
    enum AnyPower: Hashable, Sendable {
        case hook(RolloutHook)
        case metric(MetricCheck)
        case secret(name: String, SecretReference)
    }

    public static let none = HostPowers()

    private init() {}

    public init(_ specification: ServiceSpecification) {
        for environment in specification.environments {
            let powers =
                environment.hooks.map(AnyPower.hook) + (environment.analysis?.metrics ?? []).map(AnyPower.metric)
                + environment.secrets.filter(\.value.isReadWithRightsOfDaemon).sorted { $0.key < $1.key }
                .map { AnyPower.secret(name: $0.key, $0.value) }
            // Of two with one name, which are a mistake, both.
            if !powers.isEmpty { environments[environment.name, default: []] += powers }
        }
        allowsRoot = specification.run.allowsRoot
        capabilities = specification.run.capabilities
    }
}

/// What of a service's settings decides about production.
public struct ProductionRules: Hashable, Sendable {
    var environments: [EnvironmentSpecification]
    var gates: GatePolicy
    /// How instances run there as everywhere. An approval is of an image, and says nothing of it.
    var run: RunSettings

    public init(_ specification: ServiceSpecification) {
        environments = specification.environments.filter(\.isProduction)
        gates = specification.gates
        run = specification.run
    }
}

extension ServiceSpecification {
    /// What it takes to register these settings in the place of others, besides `register`.
    ///
    /// - Parameters:
    ///   - earlier: `nil` for a service that is new.
    ///   - retired: environments of the service that have run something, and that the earlier settings do not name any more. They are held to be
    ///     production, whatever they were.
    public func permissions(toReplace earlier: ServiceSpecification?, retired: Set<EnvironmentName> = []) -> Set<Permission> {
        var needed: Set<Permission> = []
        let powers = HostPowers(self)
        if powers != .none, powers != earlier.map(HostPowers.init) { needed.insert(.configureHost) }
        if widensEgress(earlier) { needed.insert(.configureHost) }
        let takesUp = environments.contains { retired.contains($0.name) }
        if changesProduction(earlier) || takesHostName(earlier) || takesUp { needed.insert(.configureProduction) }
        return needed
    }

    /// Addresses may be this machine's; and who kept an instance from the world had a reason. What a new service has if it says nothing is free.
    private func widensEgress(_ earlier: ServiceSpecification?) -> Bool {
        run.egress != .none && run.egress != (earlier?.run.egress ?? .internet)
    }

    private func changesProduction(_ earlier: ServiceSpecification?) -> Bool {
        let hasProduction = (environments + (earlier?.environments ?? [])).contains(where: \.isProduction)
        guard hasProduction else { return false }
        guard let earlier else { return true }
        let tests = Set(self.tests.map(\.name))
        return ProductionRules(self) != ProductionRules(earlier) || !earlier.tests.allSatisfy { tests.contains($0.name) }
    }

    /// A name of another service's would take its visitors.
    private func takesHostName(_ earlier: ServiceSpecification?) -> Bool {
        environments.contains { environment in
            environment.host != EnvironmentSpecification.defaultHost(of: environment.name, service: service)
                && environment.host != earlier?.environment(environment.name)?.host
        }
    }
}
