public import IngotModel

/// How an image is run, and what it is made of.
///
/// Source: OCI Image Specification 1.1, Image Configuration; Docker's extensions Healthcheck, Shell and OnBuild,
/// which OCI images carry too.
public struct ImageConfiguration: Hashable, Sendable, Codable {
    /// RFC 3339.
    public var created: String?
    public var author: String?
    public var architecture: String
    public var os: String
    public var config: Settings
    public var rootfs: RootFileSystem
    public var history: [History]

    public init(
        created: Timestamp? = nil, author: String? = nil, architecture: String = ImageConfiguration.hostArchitecture, os: String = "linux",
        config: Settings = Settings(), history: [History] = []
    ) {
        self.created = created?.text
        self.author = author
        self.architecture = architecture
        self.os = os
        self.config = config
        self.rootfs = RootFileSystem(diffIDs: [])
        self.history = history
    }

    /// The name of this machine's architecture, as Go and OCI have it.
    public static var hostArchitecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        created = try container.decodeIfPresent(String.self, forKey: .created)
        author = try container.decodeIfPresent(String.self, forKey: .author)
        architecture = try container.decode(String.self, forKey: .architecture)
        os = try container.decode(String.self, forKey: .os)
        config = try container.decodeIfPresent(Settings.self, forKey: .config) ?? Settings()
        rootfs = try container.decode(RootFileSystem.self, forKey: .rootfs)
        history = try container.decodeIfPresent([History].self, forKey: .history) ?? []
    }

    /// What a container gets from its image.
    public struct Settings: Hashable, Sendable, Codable {
        /// `user`, `user:group`, by name or number.
        public var user: String?
        /// Ports such as `80/tcp`.
        public var exposedPorts: [String: EmptyObject]?
        /// `NAME=value`.
        public var environment: [String]?
        public var entrypoint: [String]?
        public var command: [String]?
        /// Paths that are volumes.
        public var volumes: [String: EmptyObject]?
        public var workingFolder: String?
        public var labels: [String: String]?
        /// Such as `SIGTERM`.
        public var stopSignal: String?
        public var healthcheck: Healthcheck?
        public var shell: [String]?
        public var onBuild: [String]?

        public init() {}

        enum CodingKeys: String, CodingKey {
            case user = "User"
            case exposedPorts = "ExposedPorts"
            case environment = "Env"
            case entrypoint = "Entrypoint"
            case command = "Cmd"
            case volumes = "Volumes"
            case workingFolder = "WorkingDir"
            case labels = "Labels"
            case stopSignal = "StopSignal"
            case healthcheck = "Healthcheck"
            case shell = "Shell"
            case onBuild = "OnBuild"
        }
    }

    /// `{}`, which stands for a member of a set.
    public struct EmptyObject: Hashable, Sendable, Codable {
        public init() {}
        public init(from decoder: any Decoder) throws {}
        public func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: CodingKeys.self) }
        private enum CodingKeys: CodingKey {}
    }

    /// Times in nanoseconds.
    public struct Healthcheck: Hashable, Sendable, Codable {
        public var test: [String]?
        public var interval: Int?
        public var timeout: Int?
        public var startPeriod: Int?
        public var startInterval: Int?
        public var retries: Int?

        public init(
            test: [String]? = nil, interval: Int? = nil, timeout: Int? = nil, startPeriod: Int? = nil, startInterval: Int? = nil,
            retries: Int? = nil
        ) {
            self.test = test
            self.interval = interval
            self.timeout = timeout
            self.startPeriod = startPeriod
            self.startInterval = startInterval
            self.retries = retries
        }

        enum CodingKeys: String, CodingKey {
            case test = "Test"
            case interval = "Interval"
            case timeout = "Timeout"
            case startPeriod = "StartPeriod"
            case startInterval = "StartInterval"
            case retries = "Retries"
        }
    }

    public struct RootFileSystem: Hashable, Sendable, Codable {
        public var type = "layers"
        /// Lowest first.
        public var diffIDs: [Digest]
        public init(diffIDs: [Digest]) { self.diffIDs = diffIDs }
        enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }
    }

    public struct History: Hashable, Sendable, Codable {
        public var created: String?
        public var createdBy: String?
        public var author: String?
        public var comment: String?
        public var emptyLayer: Bool?

        public init(created: String? = nil, createdBy: String? = nil, author: String? = nil, comment: String? = nil, emptyLayer: Bool? = nil) {
            self.created = created
            self.createdBy = createdBy
            self.author = author
            self.comment = comment
            self.emptyLayer = emptyLayer
        }

        enum CodingKeys: String, CodingKey {
            case created, author, comment
            case createdBy = "created_by"
            case emptyLayer = "empty_layer"
        }
    }
}
