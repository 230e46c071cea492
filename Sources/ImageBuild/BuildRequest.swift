public import ImageStore
public import IngotModel
public import SystemPackage

/// What to build an image of.
public struct BuildRequest: Sendable {
    /// The folder whose files COPY sees.
    public var contextFolder: FilePath
    /// Absolute, or relative to the context; `Dockerfile` when `nil`.
    public var dockerfilePath: FilePath?
    /// The stage that becomes the image, by name or number; the last one when `nil`.
    public var target: String?
    /// Values for `ARG`, by name.
    public var buildArguments: [String: String]
    /// Names under which the finished image is found: `ingot.local/guestbook:abc123`.
    public var tags: [String]
    /// The title of the image, such as the service's name: the label `org.opencontainers.image.title`.
    public var title: String?
    /// Whether the stage is a test: then its image names no commit, so that a commit means the service's image and nothing else.
    public var isTest = false
    /// More labels, over those of the Dockerfile and of the commit.
    public var labels: [String: String]
    /// The commit the context is at; read from git when `nil`.
    public var revision: SourceRevision?
    /// Runs every step, whatever the cache holds. Results are recorded all the same.
    public var ignoresCache: Bool
    /// How long one RUN may take.
    public var stepDeadline: Milliseconds
    /// How long the whole build may take; no limit when `nil`.
    public var deadline: Milliseconds?
    /// Where the image goes besides the store.
    public var outputs: [BuildOutput] = []
    /// Other machines' results, which are trusted: see ``CacheLocation``.
    public var cacheSources: [CacheLocation] = []
    /// Where results are left for other machines.
    public var cacheTargets: [CacheLocation] = []
    /// Of the layers that the build adds; those of its base stay as they are.
    public var compression: LayerCompression = .gzip
    /// More annotations of the manifest, over those that the build sets itself.
    public var annotations: [String: String] = [:]
    /// Ingot's own version, for the image's provenance.
    public var builderVersion: String?
    /// Whether results are only looked up and never recorded.
    var leavesCache = false
    /// For `RUN --mount=type=secret`, by id.
    public var secrets: [String: BuildSecret] = [:]
    /// For `RUN --mount=type=ssh`, by id.
    public var sshAgents: [String: SSHSource] = [:]
    /// The network of a RUN that does not name one.
    public var network: RunNetwork = .default
    /// More lines of `/etc/hosts` for RUN: addresses by name.
    public var addedHosts: [String: String] = [:]
    /// How many processors one RUN may use.
    public var processorLimit: Double?
    /// How much memory one RUN may use.
    public var memoryLimit: ByteSize?
    /// How many processes and threads one RUN may have.
    public var processLimit = 4_096
    /// Whether `RUN --security=insecure` may be carried out: `--allow security.insecure`.
    public var allowsInsecure = false
    /// Called when a RUN has failed, before anything of it is cleared away; the build fails when it returns.
    public var interactiveOnError: (@Sendable (InteractiveStep) async throws -> Void)?
    /// Called with each image that was built, before it is named, written or pushed: what is put beside it goes with it.
    public var beforeDelivery: (@Sendable (Image) throws -> Void)?
    /// Where the files come from; `contextFolder` when `nil`.
    public var context: BuildContext?
    /// What `--from` and `FROM` find under a name, before stages and images.
    public var namedContexts: [String: NamedContext] = [:]
    /// What git may speak with a remote.
    var gitProtocols = GitFetch.standardProtocols
    /// What the image is built for; this machine when empty. Of several each gets an image, and all of them an index.
    public var platforms: [Platform] = []
    /// When registries are asked for what FROM and `--from` name.
    public var pulling: Pulling = .missing

    /// Names that somebody gave to an image of the store are never asked for.
    public enum Pulling: String, Hashable, Sendable, Codable {
        case never, missing, always
    }

    public init(
        contextFolder: FilePath, dockerfilePath: FilePath? = nil, target: String? = nil, buildArguments: [String: String] = [:],
        tags: [String] = [], title: String? = nil, labels: [String: String] = [:], revision: SourceRevision? = nil,
        ignoresCache: Bool = false, stepDeadline: Milliseconds = .minutes(60), deadline: Milliseconds? = nil
    ) {
        self.contextFolder = contextFolder
        self.dockerfilePath = dockerfilePath
        self.target = target
        self.buildArguments = buildArguments
        self.tags = tags
        self.title = title
        self.labels = labels
        self.revision = revision
        self.ignoresCache = ignoresCache
        self.stepDeadline = stepDeadline
        self.deadline = deadline
    }
}

/// The state of the source that an image is built from.
///
/// Only what every checkout of the commit agrees on: where it was cloned from and which tags were fetched would give the
/// same commit another digest.
public struct SourceRevision: Hashable, Sendable, Codable {
    /// The commit's full identifier; `nil` outside a repository, and before its first commit.
    public var commit: String?
    /// When it was committed, in seconds since 1970.
    public var committedAtSecond: Int
    /// Whether the context differs from the commit. Always, when there is none.
    public var isDirty: Bool

    public init(commit: String?, committedAtSecond: Int, isDirty: Bool) {
        self.commit = commit
        self.committedAtSecond = committedAtSecond
        self.isDirty = isDirty
    }

    /// The date of an image whose source has none: the first that archive formats such as zip can write, 1980-01-01T00:00:00Z.
    public static let undatedSecond = 315_532_800

    /// Source that no commit describes.
    public static let none = SourceRevision(commit: nil, committedAtSecond: undatedSecond, isDirty: true)
}
