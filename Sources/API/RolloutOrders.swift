public import IngotModel

/// `POST /v1/services/{service}/environments/{environment}/rollout`: what an operator asks of the rollout under way. Idempotent.
/// The answer, with status 202, is the environment's status.
public struct RolloutOrder: Sendable, Codable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case pause
        case resume
        /// Skips what is waited for at the present step.
        case promote
        /// The same at all further steps.
        case promoteFull = "promote-full"
        case abort
        /// Deploys once more what failed last.
        case retry
    }

    public var kind: Kind
    /// Why, in a person's words; it stands in the events.
    public var reason: String?
    /// The lock that it is asked under; only a retry needs it, which is a deployment.
    public var token: FencingToken?
    public init(kind: Kind, reason: String? = nil, token: FencingToken? = nil) {
        self.kind = kind
        self.reason = reason
        self.token = token
    }
}

/// `PUT /v1/services/{service}/environments/{environment}/scale`: another number of instances, until a release says another one.
public struct ScaleRequest: Sendable, Codable, Equatable {
    /// `nil` for the release's own number.
    public var instances: Int?
    /// The lock that it is asked under.
    public var token: FencingToken?
    public init(instances: Int?, token: FencingToken? = nil) {
        self.instances = instances
        self.token = token
    }
}

/// `POST /v1/services/{service}/environments/{environment}/plan`, with a `DeploymentRequest`: what that deployment would do.
public struct DeploymentPlan: Sendable, Codable, Equatable {
    public struct Step: Sendable, Codable, Equatable {
        /// Since the deployment was accepted, as far as the settings make it wait.
        public var after: Milliseconds
        public var sizes: [FleetSize]
        public var split: Split
        public var decided: [String]
        public var awaiting: [String]
        public init(after: Milliseconds, sizes: [FleetSize], split: Split, decided: [String], awaiting: [String]) {
            self.after = after
            self.sizes = sizes
            self.split = split
            self.decided = decided
            self.awaiting = awaiting
        }
    }

    public var environment: EnvironmentID
    /// The number that the release has, or would get.
    public var release: ReleaseNumber
    public var image: Digest
    public var strategy: String
    public var serving: ReleaseNumber?
    public var steps: [Step]
    /// What the gates say against it; `nil` where none is asked, as for a release that is there.
    public var objections: [String]?
    public init(
        environment: EnvironmentID, release: ReleaseNumber, image: Digest, strategy: String, serving: ReleaseNumber?, steps: [Step],
        objections: [String]? = nil
    ) {
        self.environment = environment
        self.release = release
        self.image = image
        self.strategy = strategy
        self.objections = objections
        self.serving = serving
        self.steps = steps
    }
}
