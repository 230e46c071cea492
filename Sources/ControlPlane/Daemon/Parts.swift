public import API
public import Engine
public import Gates
public import IngotModel
public import ServiceLifecycle

/// What the daemon works with. The real ones are wired in `LocalParts`; tests give simulated ones.
public struct Parts: Sendable {
    public var engine: any Engine
    public var router: any Router
    public var images: any ImageCatalog
    public var gates: any ImageGates
    public var instances: any InstanceSource
    public var throwaways: any ThrowawaySource
    public var host: any HostFacts
    /// What is asked before each start; `nil` where nothing is started on this machine.
    public var starts: VerifiedStarts?
    /// Told of every environment.
    public var promotedTags: PromotedTags
    /// What was ended when the parts were made because nobody owned it, in words.
    public var endedOrphans: [String]
    /// Why the router was started again, each time it was.
    public var routerRestarts: AsyncStream<String>
    /// What has to run as long as the daemon does, in the order of starting.
    public var services: [any Service]

    public init(
        engine: any Engine, router: any Router, images: any ImageCatalog, gates: any ImageGates, instances: any InstanceSource,
        throwaways: any ThrowawaySource, host: any HostFacts, starts: VerifiedStarts? = nil, endedOrphans: [String] = [],
        routerRestarts: AsyncStream<String> = AsyncStream { $0.finish() }, promotedTags: PromotedTags = PromotedTags(),
        services: [any Service] = []
    ) {
        self.engine = engine
        self.router = router
        self.images = images
        self.gates = gates
        self.instances = instances
        self.throwaways = throwaways
        self.host = host
        self.starts = starts
        self.promotedTags = promotedTags
        self.endedOrphans = endedOrphans
        self.routerRestarts = routerRestarts
        self.services = services
    }
}

/// What the daemon must know of images.
public protocol ImageCatalog: Sendable {
    /// The image that a digest, a tag or a commit names; `nil` when none is.
    func resolve(_ reference: String) async throws -> Digest?
    /// `nil` when the image is not in the store.
    func facts(of image: Digest) async throws -> ImageFacts?
    /// Gives an image a name; one that another image had moves.
    func tag(_ image: Digest, as name: String) async throws
    /// Removes what neither a tag nor a pinned image needs.
    func collectGarbage(pinned: Set<Digest>) async throws -> GarbageReport
}

/// What the gates say that read images.
public protocol ImageGates: Sendable {
    /// One verdict for each gate that the policy asks; what can't be judged is one that says no.
    func verdicts(on image: Digest, by policy: GatePolicy, at now: Timestamp) async throws -> [GateVerdict]
    /// Names the advisories of the moment: another word when others have taken their place, `nil` while there are none.
    func advisories() async -> String?
    /// What these keys have signed about an image.
    func signed(about image: Digest, keys: [VerificationKey]) async throws -> SignedEvidence
}

public struct ImageFacts: Sendable, Equatable {
    public var digest: Digest
    /// The sum of its layers as they are mounted.
    public var size: ByteSize
    /// From the label `org.opencontainers.image.revision`.
    public var commit: String?
    /// Whether it was built from a tree with changes that no commit holds.
    public var isDirty: Bool

    public init(digest: Digest, size: ByteSize, commit: String?, isDirty: Bool) {
        self.digest = digest
        self.size = size
        self.commit = commit
        self.isDirty = isDirty
    }
}

/// What the engine tells about instances beyond their fleets.
public protocol InstanceSource: Sendable {
    /// Health and requests in flight are filled in by the daemon, from what the router says.
    func instances() async throws -> [InstanceDetails]
    /// The last `tail` lines of an environment's instances, or of one of them, oldest first; followed, those to come too.
    func logs(of environment: EnvironmentID, instance: InstanceID?, tail: Int, follow: Bool) -> AsyncStream<LogLine>
}

/// Runs instances that belong to no environment, for tests.
public protocol ThrowawaySource: Sendable {
    /// Returns when the instance is ready. It ends after its lifetime if nobody ends it before.
    func start(_ specification: ThrowawaySpecification) async throws -> Throwaway
    /// Whose it is, also of one that has ended; throws when there is no such one.
    func service(of id: InstanceID) async throws -> ServiceName
    func end(_ id: InstanceID) async throws
    /// How it ended; `nil` while it runs.
    func ending(of id: InstanceID) async throws -> InstanceEnding?
    /// Lets its processes stand still, or go on.
    func setFrozen(_ isFrozen: Bool, _ id: InstanceID) async throws
    /// What its readiness check says; `nil` when it is ready.
    func hindrance(of id: InstanceID) async throws -> String?
    func writes(of id: InstanceID) async throws -> WriteRecord
}

/// Everything that decides how a throwaway instance behaves.
public struct ThrowawaySpecification: Sendable, Equatable {
    public var service: ServiceName
    public var image: Digest
    public var run: RunSettings
    public var configuration: [String: String]
    public var secretVersions: [String: Digest]
    /// Throwaway instances that it may reach, by name.
    public var peers: [String: InstanceID]
    public var root: RootAccess
    public var lifetime: Milliseconds
}

/// What `GET /v1/health` says of this machine.
public protocol HostFacts: Sendable {
    /// The OCI runtime and its version.
    var runtime: String { get }
    /// The router and its version.
    var router: String { get }
    /// Where the router listens.
    var routerAddress: String { get }
    /// How strongly root file systems are protected.
    var rootProtection: String { get }
    /// What is wrong at the moment.
    func problems() async -> [String]
}

extension Parts {
    var executor: Executor { Executor(engine: engine, router: router) }
}
