public import IngotModel

/// `GET /v1/services/{service}/environments/{environment}/secrets`. There is no way to ask for a value.
public struct SecretsStatus: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    public var secrets: [SecretStatus]
    /// What has changed and is not rolled out, and why, in words.
    public var waits: String?
    public init(environment: EnvironmentID, secrets: [SecretStatus], waits: String? = nil) {
        self.environment = environment
        self.secrets = secrets
        self.waits = waits
    }
}

public struct SecretStatus: Sendable, Codable, Equatable {
    public var name: String
    /// Where its value is, in words.
    public var reference: String
    /// The first digits of its version; `nil` when it was never read.
    public var version: String?
    /// When its source last gave a value.
    public var readAt: Timestamp?
    public var changedAt: Timestamp?
    /// Why it could not be read the last time.
    public var error: String?
    public var failingSince: Timestamp?
    public init(
        name: String, reference: String, version: String? = nil, readAt: Timestamp? = nil, changedAt: Timestamp? = nil, error: String? = nil,
        failingSince: Timestamp? = nil
    ) {
        self.name = name
        self.reference = reference
        self.version = version
        self.readAt = readAt
        self.changedAt = changedAt
        self.error = error
        self.failingSince = failingSince
    }
}

/// `POST …/secrets/refresh`
public struct SecretRefreshRequest: Sendable, Codable, Equatable {
    /// The lock that it is asked under.
    public var token: FencingToken?
    public init(token: FencingToken? = nil) { self.token = token }
}

public struct SecretRefreshAnswer: Sendable, Codable, Equatable {
    /// Where it waits, nothing is rolled out, and with `secrets-rotation: manual` nothing will be until it is asked again.
    public var status: SecretsStatus
    /// The release with the new values, where there are any.
    public var release: DeploymentAccepted?
    public init(status: SecretsStatus, release: DeploymentAccepted?) {
        self.status = status
        self.release = release
    }
}

/// `GET …/secrets/key`: what values of the environment are encrypted for.
public struct SealingKeyAnswer: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    public var key: String
    public init(environment: EnvironmentID, key: String) {
        self.environment = environment
        self.key = key
    }
}
