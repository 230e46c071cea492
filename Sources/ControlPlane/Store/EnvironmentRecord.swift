import API
import IngotModel
import Rollout

/// What is stored of an environment besides its history.
struct EnvironmentRecord: Sendable, Equatable {
    var state = EnvironmentState()
    /// A wish that was accepted and that the planner has not taken up yet.
    var request: PendingRequest?
    /// What operators asked of the rollout and the environment since, oldest first.
    var commands: [RolloutCommand] = []
    /// How many failures of each fleet were told in events already.
    var failures: [FleetFailures] = []
}

struct PendingRequest: Sendable, Codable, Equatable {
    var request: RolloutRequest
    /// Who asked.
    var actor: String
}

struct FleetFailures: Sendable, Codable, Equatable {
    var release: ReleaseNumber
    var count: Int
}

/// What is stored of a rollout while it runs, besides the planner's own state.
struct RunningRollout: Sendable, Codable, Equatable {
    /// Steps kept; a rollout takes about ten.
    static let mostSteps = 1_000

    var number: Generation
    var requestedBy: String
    /// What each release had served when it began.
    var baseline: [ReleaseTraffic]
    var steps: [RolloutStep] = []

    mutating func add(_ what: some Sequence<String>, at: Timestamp) {
        steps = (steps + what.map { RolloutStep(at: at, what: $0) }).suffix(Self.mostSteps)
    }
}

/// All that one pass of a controller stores, in one transaction.
struct EnvironmentChange: Sendable {
    var environment: EnvironmentID
    var record: EnvironmentRecord
    /// The request that the pass took up, and that is no longer pending unless another has taken its place.
    var taken: PendingRequest?
    /// How many of the oldest commands it took up.
    var takenCommands = 0
    var running: RunningRollout?
    var ended: [RolloutRecord]
    var events: [EventDraft]
    var at: Timestamp

    /// What a rollout was sent back from, and what a rollback goes away from: nothing deploys it again by itself.
    var holds: [(image: Digest, reason: String)] {
        ended.compactMap { record in
            guard record.kind == RolloutRequest.Kind.deploy.rawValue, record.result == .returned else { return nil }
            return (record.image, "its rollout went back: \(record.reason ?? "")")
        }
    }
}
