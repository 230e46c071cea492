public import IngotModel

/// `POST /v1/services/{service}/environments/{environment}/deployments`
public struct DeploymentRequest: Sendable, Codable, Equatable {
    /// A digest, a tag, a commit (7 to 40 digits) or a release number of this environment, `release:7`.
    public var reference: String
    /// Whether no person chose this image for this environment: what the environment went away from is not deployed then.
    public var isAutomatic: Bool?
    /// The lock that it is asked under, where the environment is locked by the asker.
    public var token: FencingToken?
    /// Why, in spite of a freeze.
    public var overrideFreeze: String?
    public init(reference: String, isAutomatic: Bool? = nil, token: FencingToken? = nil, overrideFreeze: String? = nil) {
        self.reference = reference
        self.isAutomatic = isAutomatic
        self.token = token
        self.overrideFreeze = overrideFreeze
    }
}

/// `POST /v1/services/{service}/environments/{environment}/rollback`
public struct RollbackRequest: Sendable, Codable, Equatable {
    /// The release to go back to; the last good one before the present one when `nil`.
    public var release: ReleaseNumber?
    public init(release: ReleaseNumber? = nil) { self.release = release }
}

/// The answer to both, with status 202: what was decided, and the rollout to follow.
public struct DeploymentAccepted: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    public var release: ReleaseNumber
    public var image: Digest
    public var acceptedAt: Timestamp
    public init(environment: EnvironmentID, release: ReleaseNumber, image: Digest, acceptedAt: Timestamp) {
        self.environment = environment
        self.release = release
        self.image = image
        self.acceptedAt = acceptedAt
    }
}
