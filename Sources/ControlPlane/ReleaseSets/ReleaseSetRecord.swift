import API
import IngotModel
import Rollout

/// What is stored of a release set.
struct ReleaseSetRecord: Sendable, Codable, Equatable {
    /// Steps kept; a set takes a few for each member.
    static let mostSteps = 1_000

    var number: ReleaseSetNumber
    /// Counts the changes, so that a pass that was overtaken by another stores nothing.
    var revision = 0
    var environment: EnvironmentName
    var specification: ReleaseSetSpecification
    var requestedBy: String
    var state: ReleaseSetState
    var steps: [RolloutStep]

    var isRunning: Bool { state.outcome == nil }
    /// As it is called in events and messages.
    var title: String { "release set \(number), \(specification.name)" }
    /// As who it asks for deployments.
    var actor: String { "set:\(number)" }

    func id(of service: ServiceName) -> EnvironmentID { EnvironmentID(service: service, environment: environment) }

    var environments: [EnvironmentID] { state.members.map { id(of: $0.service) } }

    mutating func add(_ decided: [ReleaseSetPlan.Decision], at: Timestamp) {
        let steps = decided.map { RolloutStep(at: at, what: ($0.service.map { "\($0): " } ?? "") + $0.what) }
        self.steps = (self.steps + steps).suffix(Self.mostSteps)
    }
}

/// A member that was let in, before the set has its number.
struct AdmittedMember: Sendable {
    var member: ReleaseSetSpecification.Member
    /// A release that is there, or one without a number.
    var release: Release
    /// `nil` for a release that is there.
    var promotion: Promotion?
    var before: ReleaseNumber?
}

/// All that one pass over a set stores, in one transaction: the set and what it asks of its members.
struct ReleaseSetChange: Sendable {
    var before: ReleaseSetRecord
    var after: ReleaseSetRecord
    /// With the releases that they name.
    var requests: [(pending: PendingRequest, release: Release)] = []
    var commands: [(environment: EnvironmentID, command: RolloutCommand)] = []
    /// What the set goes away from: nothing deploys it there again by itself.
    var holds: [(environment: EnvironmentID, image: Digest)] = []
    var events: [EventDraft] = []
    var at: Timestamp
}
