import API
import IngotModel
import Rollout

/// What is stored of an environment besides its history.
struct EnvironmentRecord: Sendable, Equatable {
    var state = EnvironmentState()
    /// What was accepted and what the planner has not taken up yet, oldest first.
    var wishes: [Wish] = []
    /// How many failures of each fleet were told in events already.
    var failures: [FleetFailures] = []

    var requests: [PendingRequest] { wishes.compactMap(\.request) }
    /// The newest deployment among the wishes: where the environment is to get.
    var pending: PendingRequest? { requests.last }
}

/// What somebody asked of an environment. Wishes are taken up in the order in which they came, each once: a deployment that another one follows at once
/// still comes to an end of its own, and a command is meant for what was under way when it was given.
enum Wish: Sendable, Codable, Equatable {
    case request(PendingRequest)
    case command(RolloutCommand)

    var request: PendingRequest? { if case .request(let request) = self { request } else { nil } }
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
    /// What the pass went out from. When something else stands in the database by now, nothing is stored.
    var before: EnvironmentState
    /// How many of the oldest wishes it took up.
    var takenWishes = 0
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
