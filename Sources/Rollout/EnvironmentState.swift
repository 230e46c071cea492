public import IngotModel

/// What an environment has come to: which release serves, what is moving, which old fleets are still to end.
///
/// It is stored before anything it asks for is carried out. `advance` is the only way it changes.
public struct EnvironmentState: Hashable, Sendable, Codable {
    /// The release that the split points at when nothing moves; `nil` before the first deployment.
    public internal(set) var serving: ReleaseNumber?
    /// The last release whose rollout succeeded: where `rollback` and a failed rollout go back to.
    public internal(set) var stable: ReleaseNumber?
    public internal(set) var rollout: RolloutProgress?
    /// Fleets without traffic that are kept warm, drained, and then ended.
    public internal(set) var retiring: [Retirement]
    /// What was last asked of the engine and the router.
    public internal(set) var target: EnvironmentTarget

    public init() {
        serving = nil
        stable = nil
        rollout = nil
        retiring = []
        target = EnvironmentTarget(generation: Generation(0), sizes: [], split: .empty)
    }
}

/// A wish to move an environment to a release.
public struct RolloutRequest: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable { case deploy, rollback }

    public var kind: Kind
    public var release: ReleaseNumber
    public var acceptedAt: Timestamp
    public init(kind: Kind, release: ReleaseNumber, acceptedAt: Timestamp) {
        self.kind = kind
        self.release = release
        self.acceptedAt = acceptedAt
    }
}

/// A rollout under way. Its number is the generation at which it began, which no other rollout of the environment has.
public struct RolloutProgress: Hashable, Sendable, Codable {
    public var request: RolloutRequest
    public var number: Generation
    /// The release that had the traffic when it began.
    public var from: ReleaseNumber?
    public var phase: RolloutPhase
    /// When the phase began.
    public var phaseSince: Timestamp
    /// When traffic was decided to move, and when the router was seen to have moved it.
    public var switchDecidedAt: Timestamp?
    public var switchedAt: Timestamp?
    /// How many failures the new fleet had when the rollout began, and when it got traffic. Only later ones count against it.
    public var failuresAtStart: Int
    public var failuresBeforeTraffic: Int
    /// The fewest healthy instances that the split has pointed at.
    public var leastHealthy: Int?

    public var release: ReleaseNumber { request.release }
}

public enum RolloutPhase: Hashable, Sendable, Codable {
    /// Recreate only: the old release drains and ends before the new one starts.
    case emptying
    /// The new fleet comes up; no traffic has moved.
    case starting
    /// The split was asked for and is not yet seen in force.
    case switching
    /// The new release has the traffic and must stay healthy.
    case soaking
    /// It failed, for this reason, and traffic goes back.
    case returning(reason: String)

    public var word: String {
        switch self {
        case .emptying: "emptying"
        case .starting: "starting"
        case .switching: "switching"
        case .soaking: "soaking"
        case .returning: "returning"
        }
    }
}

/// How a rollout ended. One of these, always.
public enum RolloutOutcome: Hashable, Sendable, Codable {
    case succeeded
    /// Traffic is where it was before, for this reason.
    case returned(reason: String)
    /// A newer request took its place.
    case superseded(by: ReleaseNumber)
}

/// A fleet on its way out: kept until `notBefore`, then drained, then ended.
public struct Retirement: Hashable, Sendable, Codable {
    public enum Step: String, Sendable, Codable {
        /// Kept so that going back is one change of split.
        case warm
        /// Its last requests are running.
        case draining
        /// Its last requests are being cut.
        case cutting
        /// Its instances were told to end.
        case ending
    }
    public var release: ReleaseNumber
    public var notBefore: Timestamp
    public var step: Step
    public var stepSince: Timestamp
}

/// What the planner must know of a release.
public struct ReleaseFacts: Hashable, Sendable, Codable {
    public var instances: Int
    public var strategy: Strategy
    public var timing: RolloutTiming
    public init(instances: Int, strategy: Strategy, timing: RolloutTiming) {
        self.instances = instances
        self.strategy = strategy
        self.timing = timing
    }
    public init(_ release: Release) {
        self.init(instances: release.instances, strategy: release.strategy, timing: release.timing)
    }
}

/// What `advance` decided.
public struct Plan: Hashable, Sendable, Codable {
    /// What is to be, now.
    public var target: EnvironmentTarget
    /// What was decided in this pass, oldest first, in a person's words.
    public var decided: [String]
    /// What is waited for; empty when the environment is at rest.
    public var awaiting: [Awaited]
    /// The rollouts that ended in this pass.
    public var finished: [FinishedRollout]
    /// When to look again even if nothing happens.
    public var wakeAt: Timestamp?
}

public struct FinishedRollout: Hashable, Sendable, Codable {
    public var progress: RolloutProgress
    public var outcome: RolloutOutcome
    public var at: Timestamp
}

/// One thing that is waited for: the answer to "why is nothing happening?".
public struct Awaited: Hashable, Sendable, Codable {
    /// `2 of 3 instances of release 7 to be healthy`
    public var what: String
    /// What keeps it from happening, where that is known: `L4CON: connection refused`
    public var hindrance: String?
    /// When the wait ends by itself, and what happens then.
    public var until: Timestamp?
    public var otherwise: String?
}
