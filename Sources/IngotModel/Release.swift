/// What runs in an environment: everything that decides how an instance behaves, under one number.
/// Immutable; changing any part of it makes another release.
public struct Release: Hashable, Sendable, Codable {
    public var environment: EnvironmentID
    public var number: ReleaseNumber
    /// The image's manifest.
    public var image: Digest
    /// The commit the image was built from, 40 hexadecimal digits; `nil` when it is not known.
    public var commit: String?
    /// Whether the tree had changes that no commit holds.
    public var isDirty: Bool
    public var instances: Int
    public var run: RunSettings
    public var host: String
    public var configuration: [String: String]
    /// The digest of each secret's value; the values themselves stand in the daemon's private folder.
    public var secretVersions: [String: Digest]
    public var strategy: Strategy
    public var timing: RolloutTiming
    public var analysis: AnalysisPolicy?
    public var hooks: [RolloutHook]
    /// What must be signed of the image before an instance of it starts.
    public var signatures: [SignatureDemand]
    public var createdAt: Timestamp
    /// Who asked for it, as the system names them.
    public var createdBy: String

    public init(
        environment: EnvironmentID, number: ReleaseNumber, image: Digest, commit: String?, isDirty: Bool, instances: Int,
        run: RunSettings, host: String, configuration: [String: String], secretVersions: [String: Digest], strategy: Strategy,
        timing: RolloutTiming, analysis: AnalysisPolicy? = nil, hooks: [RolloutHook] = [], signatures: [SignatureDemand] = [], createdAt: Timestamp,
        createdBy: String
    ) {
        self.environment = environment
        self.number = number
        self.image = image
        self.commit = commit
        self.isDirty = isDirty
        self.instances = instances
        self.run = run
        self.host = host
        self.configuration = configuration
        self.secretVersions = secretVersions
        self.strategy = strategy
        self.timing = timing
        self.analysis = analysis
        self.hooks = hooks
        self.signatures = signatures
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    public var fleet: FleetID { FleetID(environment: environment, release: number) }
}

/// What an engine must know to run instances of a release, and nothing of rollouts.
public struct FleetSpecification: Hashable, Sendable, Codable {
    public var fleet: FleetID
    public var image: Digest
    public var run: RunSettings
    /// Environment variables: the environment's configuration.
    public var configuration: [String: String]
    /// The content version of each secret; its value is asked of the engine's secret source by this digest.
    public var secretVersions: [String: Digest]
    /// Other instances that these may open connections to, by name.
    public var peers: [InstancePeer]
    public var root: RootAccess

    public init(
        fleet: FleetID, image: Digest, run: RunSettings, configuration: [String: String], secretVersions: [String: Digest],
        peers: [InstancePeer] = [], root: RootAccess = .readOnly
    ) {
        self.fleet = fleet
        self.image = image
        self.run = run
        self.configuration = configuration
        self.secretVersions = secretVersions
        self.peers = peers
        self.root = root
    }

    public init(_ release: Release) {
        self.init(
            fleet: release.fleet, image: release.image, run: release.run, configuration: release.configuration,
            secretVersions: release.secretVersions)
    }
}

/// Another instance that an instance finds by a name in its `/etc/hosts`, and may open connections to at one port.
public struct InstancePeer: Hashable, Sendable, Codable {
    /// A DNS label.
    public var name: String
    public var address: String
    public var port: Int
    public init(name: String, address: String, port: Int) {
        self.name = name
        self.address = address
        self.port = port
    }
}

/// Whether an instance can write to its root file system.
public enum RootAccess: String, Hashable, Sendable, Codable {
    /// Not at all: what every release runs with.
    case readOnly = "read-only"
    /// To a layer in memory that is gone with the instance, and that tells what was written: for tests, and for what they need beside
    /// the service.
    case scratch
}
