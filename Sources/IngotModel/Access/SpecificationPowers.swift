/// What a service's settings ask of the daemon beyond running a contained instance: whoever may set these has the daemon's own rights.
public struct HostPowers: Hashable, Sendable {
    /// Commands that the daemon runs, addresses that it asks, and secrets that it reads with its own rights, by environment.
    var environments: [EnvironmentName: [AnyPower]] = [:]
    var allowsRoot = false
    var capabilities: [String] = []
    /// Addresses that may be this machine's.
    var egress: [String] = []

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
            if !powers.isEmpty { environments[environment.name] = powers }
        }
        allowsRoot = specification.run.allowsRoot
        capabilities = specification.run.capabilities
        if case .only(let addresses) = specification.run.egress { egress = addresses }
    }
}

/// What of a service's settings decides about production.
public struct ProductionRules: Hashable, Sendable {
    var environments: [EnvironmentSpecification]
    var gates: GatePolicy

    public init(_ specification: ServiceSpecification) {
        environments = specification.environments.filter(\.isProduction)
        gates = specification.gates
    }
}

extension ServiceSpecification {
    /// What it takes to register these settings in the place of others, besides `register`.
    ///
    /// - Parameter earlier: `nil` for a service that is new.
    public func permissions(toReplace earlier: ServiceSpecification?) -> Set<Permission> {
        var needed: Set<Permission> = []
        let powers = HostPowers(self)
        if powers != .none, powers != earlier.map(HostPowers.init) { needed.insert(.configureHost) }
        if changesProduction(earlier) || takesHostName(earlier) { needed.insert(.configureProduction) }
        return needed
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
