public import IngotModel

/// `POST /v1/services/{service}/environments/{environment}/lock`: nobody else is to deploy there meanwhile. The answer is a `LockGrant`.
public struct LockRequest: Sendable, Codable, Equatable {
    /// Why, in a person's words; whoever is refused reads it.
    public var reason: String
    /// A random name of this wish: asked again with the same one, it is the same lock, and not somebody else's.
    public var attempt: String
    /// How long the daemon keeps it; `nil` for one that lasts as long as heartbeats come: `PUT …/lock/{token}`.
    public var keep: Milliseconds?
    public init(reason: String, attempt: String, keep: Milliseconds? = nil) {
        self.reason = reason
        self.attempt = attempt
        self.keep = keep
    }
}

/// The answer to a lock and to each of its heartbeats. `DELETE …/lock/{token}` gives it back.
public struct LockGrant: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    /// Whoever deploys by this lock says it: `DeploymentRequest.token`.
    public var token: FencingToken
    /// How often a heartbeat is to come; `nil` for a lock that the daemon keeps.
    public var heartbeat: Milliseconds?
    /// When it ends if nothing more is heard.
    public var until: Timestamp
    public init(_ lease: Lease, of environment: EnvironmentID) {
        self.environment = environment
        token = lease.token
        heartbeat = lease.isKept ? nil : LeaseTerms.heartbeat
        until = lease.until
    }
}

/// Who holds an environment.
public struct LockStatus: Sendable, Codable, Equatable {
    public var holder: String
    public var reason: String
    public var token: FencingToken
    public var since: Timestamp
    /// `nil` for one that ends with its command, or `LeaseTerms.length` after it was killed.
    public var until: Timestamp?
    public init(_ lease: Lease) {
        holder = lease.holder
        reason = lease.reason
        token = lease.token
        since = lease.acquired
        until = lease.isKept ? lease.until : nil
    }
}

/// `DELETE …/lock`: what was taken from whom; `nil` where nobody held it.
public struct UnlockAnswer: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    public var ended: LockStatus?
    public init(environment: EnvironmentID, ended: LockStatus?) {
        self.environment = environment
        self.ended = ended
    }
}

/// The locks that a command was started under, as they stand in its environment: `shop/production:7`, several with commas between.
public struct LockTokens: Sendable, Equatable, TextCodable {
    public static let expectation = "a list of locks such as shop/production:7"

    /// The name of the variable.
    public static let variable = "INGOT_LOCK_TOKEN"

    public private(set) var tokens: [EnvironmentID: FencingToken] = [:]
    public init() {}

    /// `nil` for what is not in this form.
    public init?(text: String) {
        for part in text.split(separator: ",") {
            let halves = part.split(separator: ":", omittingEmptySubsequences: false)
            guard halves.count == 2, let environment = EnvironmentID(text: String(halves[0])), let token = Int(halves[1]), token > 0 else {
                return nil
            }
            tokens[environment] = FencingToken(token)
        }
    }

    public subscript(environment: EnvironmentID) -> FencingToken? { tokens[environment] }

    /// With one more lock, for a command that runs under it.
    public func adding(_ token: FencingToken, of environment: EnvironmentID) -> LockTokens {
        var copy = self
        copy.tokens[environment] = token
        return copy
    }

    public var text: String { tokens.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",") }
}
