public import IngotModel

/// `POST /v1/tokens`: a token of the asker's, or of another person where the asker may manage access.
public struct TokenRequest: Sendable, Codable, Equatable {
    public var name: TokenName
    public var grant: Grant
    /// `TokenTerms.lifetime` when `nil`.
    public var lifetime: Milliseconds?
    /// `user:alice`; the asker when `nil`.
    public var owner: AccessSubject?
    public init(name: TokenName, grant: Grant, lifetime: Milliseconds? = nil, owner: AccessSubject? = nil) {
        self.name = name
        self.grant = grant
        self.lifetime = lifetime
        self.owner = owner
    }
}

/// What is known of a token; not the token.
public struct TokenRecord: Sendable, Codable, Equatable {
    /// The part of the token that names it.
    public var id: String
    public var name: TokenName
    /// Whose it is: what it does is theirs.
    public var owner: AccessSubject
    public var grant: Grant
    /// Who made it.
    public var by: String
    public var at: Timestamp
    public var until: Timestamp
    /// To the minute; `nil` when never.
    public var lastUsed: Timestamp?
    public init(
        id: String, name: TokenName, owner: AccessSubject, grant: Grant, by: String, at: Timestamp, until: Timestamp, lastUsed: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.owner = owner
        self.grant = grant
        self.by = by
        self.at = at
        self.until = until
        self.lastUsed = lastUsed
    }
}

/// The answer to `POST /v1/tokens`, and the only one that ever holds the token.
public struct TokenCreated: Sendable, Codable, Equatable {
    public var token: String
    public var record: TokenRecord
    public init(token: String, record: TokenRecord) {
        self.token = token
        self.record = record
    }
}

extension ResourcePath {
    public static let tokens = "/v1/tokens"
    public static func token(_ name: TokenName) -> String { "\(tokens)/\(name)" }
}
