public import IngotModel

/// `POST /v1/release-sets`: several services are to move together. `POST /v1/release-sets/plan` says what that would do.
public struct ReleaseSetRequest: Sendable, Codable, Equatable {
    public var environment: EnvironmentName
    public var specification: ReleaseSetSpecification
    /// Whether no person chose these images: what an environment went away from is not deployed then.
    public var isAutomatic: Bool?
    /// The locks of its members' environments that it is asked under.
    public var tokens: LockTokens?
    public init(
        environment: EnvironmentName, specification: ReleaseSetSpecification, isAutomatic: Bool? = nil, tokens: LockTokens? = nil
    ) {
        self.environment = environment
        self.specification = specification
        self.isAutomatic = isAutomatic
        self.tokens = tokens
    }
}

/// `POST /v1/release-sets/{number}/orders`. Idempotent. The answer, with status 202, is the set's status.
public struct ReleaseSetOrder: Sendable, Codable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Sends a set that runs back.
        case abort
        /// Sends a set back that runs or has succeeded.
        case rollback
    }
    public var kind: Kind
    /// Why, in a person's words; it stands in the events, and is the reason of the way back.
    public var reason: String?
    public init(kind: Kind, reason: String? = nil) {
        self.kind = kind
        self.reason = reason
    }
}

/// What a set would do: the members that begin side by side, one group behind the other, and each member's own plan.
public struct ReleaseSetPlanned: Sendable, Codable, Equatable {
    public struct Member: Sendable, Codable, Equatable {
        public var service: ServiceName
        public var after: [ServiceName]
        /// Whether what it would get serves already: then it is not moved.
        public var isKept: Bool
        public var plan: DeploymentPlan
        public init(service: ServiceName, after: [ServiceName], isKept: Bool, plan: DeploymentPlan) {
            self.service = service
            self.after = after
            self.isKept = isKept
            self.plan = plan
        }
    }
    public var name: ReleaseSetName
    public var environment: EnvironmentName
    public var waves: [[Member]]
    public init(name: ReleaseSetName, environment: EnvironmentName, waves: [[Member]]) {
        self.name = name
        self.environment = environment
        self.waves = waves
    }
}

/// `GET /v1/release-sets`, newest first; one at `GET /v1/release-sets/{number}`, and at `…/live` after each change.
public struct ReleaseSetStatus: Sendable, Codable, Equatable {
    public enum State: String, Sendable, Codable {
        case moving
        case goingBack = "going-back"
        case succeeded
        case returned

        public var hasEnded: Bool { self == .succeeded || self == .returned }
    }

    public struct Member: Sendable, Codable, Equatable {
        public var environment: EnvironmentID
        public var after: [ServiceName]
        public var image: Digest
        public var release: ReleaseNumber
        /// The release that served when the set was accepted.
        public var before: ReleaseNumber?
        /// `waiting`, `moving`, `succeeded`, `kept`, `stopping`, `due back`, `going back`, `returned`, `untouched`, `left to a person`.
        public var phase: String
        /// Why it is left to a person.
        public var reason: String?
        /// Its rollouts in this set that have ended, the way there first; each has a proof of its own.
        public var rollouts: [Generation]
        public init(
            environment: EnvironmentID, after: [ServiceName], image: Digest, release: ReleaseNumber, before: ReleaseNumber?, phase: String,
            reason: String?, rollouts: [Generation]
        ) {
            self.environment = environment
            self.after = after
            self.image = image
            self.release = release
            self.before = before
            self.phase = phase
            self.reason = reason
            self.rollouts = rollouts
        }
    }

    /// What the members' rollouts did to the requests, summed up over those that have ended.
    public struct Traffic: Sendable, Codable, Equatable {
        public var served = 0
        public var failed = 0
        public var retried = 0
        public var cut = 0
        public init() {}
    }

    public var number: ReleaseSetNumber
    public var name: ReleaseSetName
    public var environment: EnvironmentName
    public var state: State
    /// Why it goes or went back.
    public var reason: String?
    public var acceptedAt: Timestamp
    public var endedAt: Timestamp?
    public var requestedBy: String
    public var members: [Member]
    /// What is waited for, in a person's words.
    public var awaiting: [String]
    /// What was decided so far, oldest first.
    public var steps: [RolloutStep]
    public var traffic: Traffic

    public init(
        number: ReleaseSetNumber, name: ReleaseSetName, environment: EnvironmentName, state: State, reason: String?, acceptedAt: Timestamp,
        endedAt: Timestamp?, requestedBy: String, members: [Member], awaiting: [String], steps: [RolloutStep], traffic: Traffic
    ) {
        self.number = number
        self.name = name
        self.environment = environment
        self.state = state
        self.reason = reason
        self.acceptedAt = acceptedAt
        self.endedAt = endedAt
        self.requestedBy = requestedBy
        self.members = members
        self.awaiting = awaiting
        self.steps = steps
        self.traffic = traffic
    }

    /// The members that are not where they were before a set that went back.
    public var left: [Member] { members.filter { $0.reason != nil } }
}

/// That an environment belongs to a set which runs, and what the set waits for.
public struct ReleaseSetMembership: Sendable, Codable, Equatable {
    public var number: ReleaseSetNumber
    public var name: ReleaseSetName
    public var awaiting: [String]
    public init(number: ReleaseSetNumber, name: ReleaseSetName, awaiting: [String]) {
        self.number = number
        self.name = name
        self.awaiting = awaiting
    }
}

extension ResourcePath {
    public static let releaseSets = "/v1/release-sets"
    public static let releaseSetPlan = "/v1/release-sets/plan"
    public static func releaseSet(_ number: ReleaseSetNumber) -> String { "\(releaseSets)/\(number)" }
    public static func liveReleaseSet(_ number: ReleaseSetNumber) -> String { "\(releaseSet(number))/live" }
    public static func orders(of number: ReleaseSetNumber) -> String { "\(releaseSet(number))/orders" }
}
