public import IngotModel

/// `POST /v1/access/grants` gives a role, `POST /v1/access/revocations` takes one. The answer to both is all that are given now, as `GET /v1/access/grants`.
public struct GrantRequest: Sendable, Codable, Equatable {
    public var subject: AccessSubject
    public var grant: Grant
    public init(subject: AccessSubject, grant: Grant) {
        self.subject = subject
        self.grant = grant
    }
}

/// A role that was given.
public struct GrantRecord: Sendable, Codable, Equatable {
    public var subject: AccessSubject
    public var grant: Grant
    /// Who gave it; `ingot` for what holds from the beginning.
    public var by: String
    public var at: Timestamp
    public init(subject: AccessSubject, grant: Grant, by: String, at: Timestamp) {
        self.subject = subject
        self.grant = grant
        self.by = by
        self.at = at
    }
}

/// The answer to `GET /v1/access/self`: as whom the daemon knows the asker, and what that one may do.
public struct AccessSelf: Sendable, Codable, Equatable {
    public var actor: Principal
    public var grants: [Grant]
    /// What the token was made for that was asked with.
    public var limit: Grant?
    public init(actor: Principal, grants: [Grant], limit: Grant? = nil) {
        self.actor = actor
        self.grants = grants
        self.limit = limit
    }
}

extension ResourcePath {
    public static let grants = "/v1/access/grants"
    public static let revocations = "/v1/access/revocations"
    public static let accessSelf = "/v1/access/self"
}
