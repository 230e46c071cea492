public import IngotModel

/// What is known about a service, each with the time from which it is known. `nil` is not known, and counts as no.
public struct AssessmentFacts: Hashable, Sendable, Codable {
    /// The result of a test, of a scan, of a look.
    public struct Finding: Hashable, Sendable, Codable {
        public var isGood: Bool
        public var words: String
        /// `nil` for records of before times were kept.
        public var at: Timestamp?

        public init(isGood: Bool, words: String, at: Timestamp?) {
            self.isGood = isGood
            self.words = words
            self.at = at
        }
    }

    public struct ImageFacts: Hashable, Sendable, Codable {
        public var digest: Digest
        public var commit: String?
        public var isDirty: Bool
        public var created: Timestamp?
        /// Whether that is its commit's time, which stays the same however often it is built again.
        public var createdIsOfCommit: Bool
        public var hasProvenance: Bool
        public var packages: Int
        /// The bill of materials read everything…
        public var billIsComplete: Bool
        /// …and so did the search for secrets.
        public var secretsAreComplete: Bool
        /// The rules of lint that it breaks.
        public var brokenRules: Set<String>
        /// Whether it stands on another image; `nil` where nothing says so.
        public var hasBase: Bool?
        public var baseCreated: Timestamp?

        public init(
            digest: Digest, commit: String?, isDirty: Bool, created: Timestamp?, createdIsOfCommit: Bool,
            hasProvenance: Bool, packages: Int, billIsComplete: Bool, secretsAreComplete: Bool, brokenRules: Set<String>, hasBase: Bool?,
            baseCreated: Timestamp?
        ) {
            self.digest = digest
            self.commit = commit
            self.isDirty = isDirty
            self.created = created
            self.createdIsOfCommit = createdIsOfCommit
            self.hasProvenance = hasProvenance
            self.packages = packages
            self.billIsComplete = billIsComplete
            self.secretsAreComplete = secretsAreComplete
            self.brokenRules = brokenRules
            self.hasBase = hasBase
            self.baseCreated = baseCreated
        }
    }

    public struct Rollout: Hashable, Sendable, Codable {
        public var environment: EnvironmentName
        public var isProduction: Bool
        public var image: Digest
        public var isRollback: Bool
        public var hasSucceeded: Bool
        /// It went back by itself.
        public var hasReturned: Bool
        public var requests: Int
        public var cut: Int
        public var endedAt: Timestamp

        public init(
            environment: EnvironmentName, isProduction: Bool, image: Digest, isRollback: Bool, hasSucceeded: Bool, hasReturned: Bool, requests: Int,
            cut: Int, endedAt: Timestamp
        ) {
            self.environment = environment
            self.isProduction = isProduction
            self.image = image
            self.isRollback = isRollback
            self.hasSucceeded = hasSucceeded
            self.hasReturned = hasReturned
            self.requests = requests
            self.cut = cut
            self.endedAt = endedAt
        }
    }

    public struct Files: Hashable, Sendable, Codable {
        public var commit: String?
        public var committedAt: Timestamp?
        /// Of ingot.yaml and what it names: those that git does not have, or has otherwise.
        public var strays: [String]

        public init(commit: String?, committedAt: Timestamp?, strays: [String]) {
            self.commit = commit
            self.committedAt = committedAt
            self.strays = strays
        }
    }

    public var service: ServiceName
    public var now: Timestamp
    public var hasReadinessPath: Bool
    public var files: Files?
    public var image: ImageFacts?
    /// The rules of lint that ingot.yaml and the Dockerfile break.
    public var brokenRules: Set<String> = []
    /// The newest first.
    public var rollouts: [Rollout] = []
    /// Healthy instances that serve in production, of several such environments where they are fewest; `nil` when nothing serves there.
    public var healthyInstances: Int?
    /// When an instance last printed something.
    public var lastLogLine: Timestamp?
    /// Ingot's own tests of the image, the last run of each.
    public var statelessness: Finding?
    public var gracefulStop: Finding?
    public var readiness: Finding?
    /// Files that look like logs, which an instance wrote where nobody reads them; `nil` when writes were not recorded.
    public var logFiles: [String]?
    /// The last scan of the image for vulnerabilities.
    public var scan: Finding?
    /// What could not be asked, in sentences.
    public var unknowns: [String] = []

    public init(service: ServiceName, now: Timestamp, hasReadinessPath: Bool) {
        self.service = service
        self.now = now
        self.hasReadinessPath = hasReadinessPath
    }

    /// Adds how many healthy instances serve in one environment that is production.
    public mutating func add(healthyInstances count: Int) { healthyInstances = min(healthyInstances ?? count, count) }
}
