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
    /// Instances that drain and end while their fleet goes on.
    public internal(set) var leaving: [Leaving]
    /// Hooks of rollouts that have succeeded, and which are still to end.
    public internal(set) var followUps: [FollowUp]
    /// How many instances an operator wished for instead of the release's own number; `nil` when nobody did.
    public internal(set) var scale: Int?
    /// What was last asked of the engine and the router.
    public internal(set) var target: EnvironmentTarget

    public init() {
        serving = nil
        stable = nil
        rollout = nil
        retiring = []
        leaving = []
        followUps = []
        scale = nil
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

/// What an operator asks of the rollout under way, or of the environment. Each is idempotent, and none is an error where it has
/// nothing to do: asked twice, it is done once.
public enum RolloutCommand: Hashable, Sendable, Codable {
    /// Stops at the present step. Health is still watched, time that passes does not count.
    case pause
    case resume
    /// Skips what is waited for at this step; in full, all further steps too. A pause ends.
    case promote(isFull: Bool)
    /// Goes back, for this reason.
    case abort(reason: String)
    /// Another number of instances, for the serving release and those that replace it; `nil` for the release's own number.
    case scale(Int?)
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
    /// How far it has come on its path.
    public var course: RolloutCourse

    public var release: ReleaseNumber { request.release }
}

/// Where a rollout is on its path of steps, and what was asked of it on the way.
public struct RolloutCourse: Hashable, Sendable, Codable {
    /// When its path began; `nil` while nothing but the hooks before it has been asked for.
    public var begunAt: Timestamp?
    /// The step of its path, from 0.
    public var step = 0
    /// Since when nothing goes on, and why; `nil` when it goes on.
    public var pause: Pause?
    /// The last step whose wait an operator has cut short, and whether all waits are.
    public var promotedStep: Int?
    public var isPromotedInFull = false
    /// Releases beside the one it goes away from that have a part of the traffic: a rolling rollout was superseded half way.
    public var others: [ReleaseNumber] = []
    /// The most instances of the new release that were healthy at one time: more of them is progress.
    public var mostHealthy = 0
    /// How many instances of each release are to stay while they trade places.
    public var staying: [FleetSize] = []
    /// What the numbers said of the new release since it has had users; `nil` where nothing is asked of them.
    public var analysis: Analysis?
    /// The hook that is waited for, and since when.
    public var hook: AskedHook?

    public struct AskedHook: Hashable, Sendable, Codable {
        public var run: HookRun
        public var since: Timestamp
    }

    public init() {}
}

public struct Pause: Hashable, Sendable, Codable {
    public var since: Timestamp
    /// `nil` when an operator asked for it.
    public var reason: String?
}

public enum RolloutPhase: Hashable, Sendable, Codable {
    /// Recreate only: the old release drains and ends before the new one starts.
    case emptying
    /// The hooks that come before anything changes.
    case preparing
    /// The instances that the next step needs come up.
    case starting
    /// The new fleet is healthy and is tested, by its hooks, before it gets traffic.
    case testing
    /// Rolling only: instances of the old and the new release trade places, and traffic moves with them.
    case replacing
    /// The split was asked for and is not yet seen in force.
    case switching
    /// The new release has this step's share of the traffic and must stay healthy.
    case soaking
    /// It failed, for this reason, and traffic goes back.
    case returning(reason: String)

    public var word: String {
        switch self {
        case .preparing: "preparing"
        case .testing: "testing"
        case .replacing: "replacing"
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
    /// When it began to drain, and how many streams it had then: they are closed evenly over their time.
    public var drain: Drain?

    public struct Drain: Hashable, Sendable, Codable {
        public var since: Timestamp
        public var streams: Int
    }
}

/// A hook that runs after its rollout has ended.
public struct FollowUp: Hashable, Sendable, Codable {
    public var run: HookRun
    public var release: ReleaseNumber
    public var until: Timestamp
}

/// An instance on its way out of a fleet that stays.
public struct Leaving: Hashable, Sendable, Codable {
    public var release: ReleaseNumber
    public var instance: InstanceID
    /// `draining`, `cutting` or `ending`.
    public var step: Retirement.Step
    public var stepSince: Timestamp
    /// When the router had taken it out of traffic, and how many streams it had then: they are closed evenly over their time.
    public var drain: Retirement.Drain?
}

/// What the planner must know of a release.
public struct ReleaseFacts: Hashable, Sendable, Codable {
    public var instances: Int
    public var strategy: Strategy
    public var timing: RolloutTiming
    public var analysis: AnalysisPolicy?
    public var hooks: [RolloutHook]
    public init(
        instances: Int, strategy: Strategy, timing: RolloutTiming, analysis: AnalysisPolicy? = nil, hooks: [RolloutHook] = []
    ) {
        self.instances = instances
        self.strategy = strategy
        self.timing = timing
        self.analysis = analysis
        self.hooks = hooks
    }
    public init(_ release: Release) {
        self.init(
            instances: release.instances, strategy: release.strategy, timing: release.timing, analysis: release.analysis, hooks: release.hooks)
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
    /// When the wait ends by itself, and what happens then; `nil` where something else has to end it.
    public var until: Timestamp?
    public var otherwise: String?
    /// What has to end it; `nil` where it has an end of its own.
    public var ender: Ender?

    /// What ends a wait for which no time is set.
    public enum Ender: String, Sendable, Codable {
        case somebody, engine, router, health

        public var words: String {
            switch self {
            case .somebody: "no time is set: somebody has to act"
            case .engine: "no time is set here: each instance has its time to drain and its grace, and the engine reports its end"
            case .router: "no time is set: it is asked again until the router reports it"
            case .health: "no time is left: it is tried until it is healthy, or an operator deploys another release"
            }
        }
    }
}
