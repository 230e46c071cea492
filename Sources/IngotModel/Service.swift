/// A service as its `ingot.yaml` describes it, with every default filled in.
public struct ServiceSpecification: Hashable, Sendable, Codable {
    public var service: ServiceName
    public var image: ImageSource
    public var tests: [TestSpecification]
    public var gates: GatePolicy
    public var run: RunSettings
    /// In the order in which a digest passes through them: each stands behind its `after`.
    public var environments: [EnvironmentSpecification]

    public init(
        service: ServiceName, image: ImageSource, tests: [TestSpecification], gates: GatePolicy, run: RunSettings,
        environments: [EnvironmentSpecification]
    ) {
        self.service = service
        self.image = image
        self.tests = tests
        self.gates = gates
        self.run = run
        self.environments = environments
    }

    public func environment(_ name: EnvironmentName) -> EnvironmentSpecification? {
        environments.first { $0.name == name }
    }
}

/// What the image is built from, relative to the folder of `ingot.yaml`.
public struct ImageSource: Hashable, Sendable, Codable {
    public var dockerfile: String
    public var context: String
    /// The stage that becomes the image; the last one when `nil`.
    public var target: String?
    public init(dockerfile: String, context: String, target: String? = nil) {
        self.dockerfile = dockerfile
        self.context = context
        self.target = target
    }
}

/// How an instance is run, the same in all environments but for the values each gives.
public struct RunSettings: Hashable, Sendable, Codable {
    public var port: Int
    /// The command instead of the image's; `nil` keeps the image's.
    public var command: [String]?
    public var readiness: Readiness
    public var stopGrace: Milliseconds
    public var resources: Resources
    /// Absolute paths at which the instance gets a tmpfs; everything else is read-only.
    public var writable: [String]
    /// The keys of configuration that each environment must give.
    public var configurationKeys: [String]
    /// The names of secrets, each a file under `/run/secrets`.
    public var secretNames: [String]
    /// Whether the image's user may be root.
    public var allowsRoot: Bool
    /// Linux capabilities the instance keeps, such as `CAP_NET_BIND_SERVICE`; none by default.
    public var capabilities: [String]
    /// Where the instance may open connections to. Nothing else answers it, not even this machine.
    public var egress: Egress

    public init(
        port: Int, command: [String]? = nil, readiness: Readiness, stopGrace: Milliseconds, resources: Resources,
        writable: [String] = [], configurationKeys: [String] = [], secretNames: [String] = [], allowsRoot: Bool = false,
        capabilities: [String] = [], egress: Egress = .internet
    ) {
        self.port = port
        self.command = command
        self.readiness = readiness
        self.stopGrace = stopGrace
        self.resources = resources
        self.writable = writable
        self.configurationKeys = configurationKeys
        self.secretNames = secretNames
        self.allowsRoot = allowsRoot
        self.capabilities = capabilities
        self.egress = egress
    }
}

public enum Egress: Hashable, Sendable, Codable {
    /// No connection at all can be opened from the instance.
    case none
    /// Every address outside this machine and outside the range of the instances.
    case internet
    /// Only these, as address or CIDR range with port: `10.0.0.5:5432`, `192.168.0.0/16:443`. May name this machine's addresses.
    case only([String])
}

/// How the router asks whether an instance can take traffic.
public struct Readiness: Hashable, Sendable, Codable {
    /// The path of an HTTP GET that answers 200 to 399; `nil` when a TCP connection is enough.
    public var path: String?
    /// Between two checks while the instance has not been up yet.
    public var startInterval: Milliseconds
    public var interval: Milliseconds
    public var timeout: Milliseconds
    /// Checks in a row that make an instance up, and down.
    public var rise: Int
    public var fall: Int

    public init(path: String?, startInterval: Milliseconds, interval: Milliseconds, timeout: Milliseconds, rise: Int, fall: Int) {
        self.path = path
        self.startInterval = startInterval
        self.interval = interval
        self.timeout = timeout
        self.rise = rise
        self.fall = fall
    }
}

public struct Resources: Hashable, Sendable, Codable {
    public var memory: ByteSize
    /// Thousandths of a processor.
    public var milliCPU: Int
    public var processes: Int
    public init(memory: ByteSize, milliCPU: Int, processes: Int) {
        self.memory = memory
        self.milliCPU = milliCPU
        self.processes = processes
    }
}

public struct EnvironmentSpecification: Hashable, Sendable, Codable {
    public var name: EnvironmentName
    /// The environment in which a digest must have run first.
    public var after: EnvironmentName?
    public var requiresApproval: Bool
    /// Whether the stricter defaults hold, and images of uncommitted trees are refused.
    public var isProduction: Bool
    public var instances: Int
    /// The host name by which the router finds it.
    public var host: String
    public var configuration: [String: String]
    /// Where each secret's value is read when a release is made: a file on this machine, by secret name.
    public var secretFiles: [String: String]
    /// Those that are found elsewhere than in a file of their own.
    public var secretSources: [String: SecretReference]
    public var secretRefresh: SecretRefresh
    public var strategy: Strategy
    public var timing: RolloutTiming
    /// What a release must show under traffic; `nil` for nothing but health.
    public var analysis: AnalysisPolicy?
    public var hooks: [RolloutHook]
    public var promotion: PromotionRules

    public init(
        name: EnvironmentName, after: EnvironmentName?, requiresApproval: Bool, isProduction: Bool, instances: Int, host: String,
        configuration: [String: String], secretFiles: [String: String] = [:],
        secretSources: [String: SecretReference] = [:], secretRefresh: SecretRefresh = SecretRefresh(), strategy: Strategy, timing: RolloutTiming,
        analysis: AnalysisPolicy? = nil, hooks: [RolloutHook] = [], promotion: PromotionRules = PromotionRules()
    ) {
        self.name = name
        self.after = after
        self.requiresApproval = requiresApproval
        self.isProduction = isProduction
        self.instances = instances
        self.host = host
        self.configuration = configuration
        self.secretFiles = secretFiles
        self.secretSources = secretSources
        self.secretRefresh = secretRefresh
        self.strategy = strategy
        self.timing = timing
        self.analysis = analysis
        self.hooks = hooks
        self.promotion = promotion
    }
}

extension EnvironmentSpecification {
    /// The host name of an environment that gives none. Names below `localhost` lead to this machine everywhere (RFC 6761, section 6.3).
    public static func defaultHost(of environment: EnvironmentName, service: ServiceName) -> String { "\(environment).\(service).localhost" }
}

/// The times of a rollout; their defaults stand in `Manifest`'s table.
public struct RolloutTiming: Hashable, Sendable, Codable {
    /// How long the new release must stay healthy with traffic before the rollout has succeeded.
    public var soak: Milliseconds
    /// How long a rollout may take until all traffic has moved, in wall time; then it goes back.
    public var progressDeadline: Milliseconds
    /// How long the old release's requests may take to end after the split has moved; then they are cut, and counted.
    public var drain: Milliseconds
    /// The same for streams: connections that were upgraded (WebSocket) and answers that go on (server-sent events). They are closed
    /// evenly over this time, so that their users do not all come back at once.
    public var streamDrain: Milliseconds
    /// How long the old release is kept running without traffic, so that going back is one change of split.
    public var warm: Milliseconds

    public init(
        soak: Milliseconds, progressDeadline: Milliseconds, drain: Milliseconds, streamDrain: Milliseconds = .minutes(10), warm: Milliseconds
    ) {
        self.soak = soak
        self.progressDeadline = progressDeadline
        self.drain = drain
        self.streamDrain = streamDrain
        self.warm = warm
    }
}

extension RolloutTiming {
    /// Records of before streams had a time of their own give them ten minutes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            soak: try container.decode(Milliseconds.self, forKey: .soak),
            progressDeadline: try container.decode(Milliseconds.self, forKey: .progressDeadline),
            drain: try container.decode(Milliseconds.self, forKey: .drain),
            streamDrain: try container.decodeIfPresent(Milliseconds.self, forKey: .streamDrain) ?? .minutes(10),
            warm: try container.decode(Milliseconds.self, forKey: .warm))
    }
}
