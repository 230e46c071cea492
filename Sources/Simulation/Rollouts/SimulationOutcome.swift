public import IngotModel
import Rollout

/// What came of one simulated run.
public struct SimulationOutcome: Sendable {
    public var seed: UInt64
    /// What went against the rules, first of all; `nil` when nothing did.
    public var violation: String?
    /// The run in words, a line a step, oldest first.
    public var story: [String]
    /// How many rollouts came to each end.
    public var succeeded = 0
    public var returned = 0
    public var superseded = 0
    public var passes = 0
    public var crashes = 0
    /// Requests that found no instance, and those that were cut when their time to drain was over.
    public var unservedRequests = 0
    public var cutRequests = 0
    public var simulatedTime: Milliseconds = 0

    public init(seed: UInt64, violation: String? = nil, story: [String] = []) {
        self.seed = seed
        self.violation = violation
        self.story = story
    }

    /// For a failed test: the seed, what was violated, and how it came to it.
    public var report: String {
        (["seed \(seed): \(violation ?? "nothing was violated")"] + story).joined(separator: "\n")
    }
}

/// What a run is made of.
public struct SimulationOptions: Sendable {
    /// How many things happen before the faults stop.
    public var steps: Int
    /// Whether anything may go wrong at all: faults, crashes, bad releases.
    public var hasFaults: Bool
    /// How many of a hundred releases are deployed by recreate.
    public var recreatePercent: Int
    /// How long a run may take, in simulated time, to come to rest once the faults have stopped.
    public var patience: Milliseconds

    public init(steps: Int = 60, hasFaults: Bool = true, recreatePercent: Int = 25, patience: Milliseconds = .minutes(20)) {
        self.steps = steps
        self.hasFaults = hasFaults
        self.recreatePercent = recreatePercent
        self.patience = patience
    }
}

extension RolloutOutcome {
    var words: String {
        switch self {
        case .succeeded: "succeeded"
        case .returned(let reason): "went back: \(reason)"
        case .superseded(let by): "gave way to release \(by)"
        }
    }
}
