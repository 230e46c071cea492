public import IngotModel

/// What a release set has come to: how far each member is, and whether the set goes on, goes back or has ended.
///
/// It is stored, with the requests that it decides, in one transaction. `advance` and `goBack` are the only ways it changes.
public struct ReleaseSetState: Hashable, Sendable, Codable {
    public internal(set) var members: [Member]
    /// From when, and why, the set goes back; `nil` while it goes on, or when it has gone through.
    public internal(set) var turn: Turn?
    /// `nil` while it runs.
    public internal(set) var outcome: Outcome?
    /// How long the way there may take, and then the way back.
    public let limit: Milliseconds
    public let acceptedAt: Timestamp

    public init(members: [Member], limit: Milliseconds, acceptedAt: Timestamp) {
        self.members = members
        self.limit = limit
        self.acceptedAt = acceptedAt
    }

    /// One service's part in the set.
    public struct Member: Hashable, Sendable, Codable {
        public let service: ServiceName
        public let after: [ServiceName]
        /// The release that is wanted, and the one that served when the set was accepted, if one did.
        public let release: ReleaseNumber
        public let before: ReleaseNumber?
        public internal(set) var phase: Phase
        /// What the set asked of the member's environment: one deployment and one rollback at the most.
        public internal(set) var deployment: Order?
        public internal(set) var rollback: Order?

        /// - Parameter before: the wanted release itself where it serves already: then nothing is to be done.
        public init(service: ServiceName, after: [ServiceName], release: ReleaseNumber, before: ReleaseNumber?) {
            self.service = service
            self.after = after
            self.release = release
            self.before = before
            phase = release == before ? .kept : .waiting
        }
    }

    /// A request that the set made. The moment of its acceptance and its release tell its rollout from all others.
    public struct Order: Hashable, Sendable, Codable {
        public let request: RolloutRequest
        /// The rollout that it became, once that has ended.
        public internal(set) var rollout: Generation?
    }

    public enum Phase: Hashable, Sendable, Codable {
        /// For the members that it comes after.
        case waiting
        case moving
        /// The set has moved it, and it serves the wanted release.
        case succeeded
        /// It served the wanted content when the set was accepted, and is not moved, there or back.
        case kept
        /// Its rollout was told to go back.
        case stopping(since: Timestamp)
        /// The set has turned, and it goes back when those that come after it have.
        case due
        /// Its rollback was asked for.
        case goingBack
        /// It serves what it served before the set.
        case returned
        /// The set turned before it began.
        case untouched
        /// It is a person's from here, for this reason: a newer request took its place, or its way back failed.
        case left(reason: String)
    }

    public struct Turn: Hashable, Sendable, Codable {
        public var at: Timestamp
        public var reason: String
    }

    /// How a set ended. One of these, always.
    public enum Outcome: Hashable, Sendable, Codable {
        case succeeded(at: Timestamp)
        /// For the reason of its turn. The members whose phase is `left` are not where they were before.
        case returned(at: Timestamp)
    }
}

extension ReleaseSetState.Phase {
    /// Whether nothing more is done with the member while the set goes back.
    var isSettled: Bool {
        switch self {
        case .kept, .returned, .untouched, .left: true
        case .waiting, .moving, .succeeded, .stopping, .due, .goingBack: false
        }
    }

    public var word: String {
        switch self {
        case .waiting: "waiting"
        case .moving: "moving"
        case .succeeded: "succeeded"
        case .kept: "kept"
        case .stopping: "stopping"
        case .due: "due back"
        case .goingBack: "going back"
        case .returned: "returned"
        case .untouched: "untouched"
        case .left: "left to a person"
        }
    }
}

/// What is seen of a member's environment at one moment. Everything that the set did not ask for is somebody else's.
public struct MemberObservation: Hashable, Sendable {
    /// The release that serves when nothing moves.
    public var serving: ReleaseNumber?
    /// The newest request that has not ended: not taken up yet, or under way.
    public var moving: RolloutRequest?
    /// Whether the environment still has to take up commands; one of them may be an abort that a new rollout must not get.
    public var hasUntakenCommands: Bool
    /// How the member's own deployment and rollback ended, where they did.
    public var deployment: Ending?
    public var rollback: Ending?
    /// Why the wanted release may not begin any more, and why nothing may go back to the one before: their images were rejected.
    public var refusal: String?
    public var refusalBefore: String?

    public struct Ending: Hashable, Sendable {
        public enum Outcome: Hashable, Sendable {
            case succeeded
            case returned(reason: String)
            case superseded
        }
        public var rollout: Generation
        public var outcome: Outcome
        public init(rollout: Generation, outcome: Outcome) {
            self.rollout = rollout
            self.outcome = outcome
        }
    }

    public init(
        serving: ReleaseNumber?, moving: RolloutRequest? = nil, hasUntakenCommands: Bool = false, deployment: Ending? = nil,
        rollback: Ending? = nil, refusal: String? = nil, refusalBefore: String? = nil
    ) {
        self.serving = serving
        self.moving = moving
        self.hasUntakenCommands = hasUntakenCommands
        self.deployment = deployment
        self.rollback = rollback
        self.refusal = refusal
        self.refusalBefore = refusalBefore
    }
}

/// What a pass over a set decided: to be stored with the new state in one transaction.
public struct ReleaseSetPlan: Hashable, Sendable {
    public enum Order: Hashable, Sendable {
        /// The request of a member's environment.
        case request(ServiceName, RolloutRequest)
        /// The abort of the rollout under way in a member's environment.
        case abort(ServiceName, reason: String)
    }

    /// At most one for each member.
    public var orders: [Order] = []
    /// What was decided, in a person's words, and of which member; `nil` of the set as a whole.
    public var decided: [Decision] = []

    public struct Decision: Hashable, Sendable {
        public var service: ServiceName?
        public var what: String
        public init(service: ServiceName? = nil, what: String) {
            self.service = service
            self.what = what
        }
    }

    public init() {}
}
