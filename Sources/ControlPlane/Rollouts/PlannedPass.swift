import IngotModel
import Rollout

/// Everything that one pass of a controller was given and decided, for whoever holds decisions against rules.
struct PlannedPass: Sendable {
    var before: EnvironmentState
    var after: EnvironmentState
    var plan: Plan
    var request: RolloutRequest?
    var commands: [RolloutCommand]
    var observation: Observation
    var releases: [ReleaseNumber: Release]
    var now: Timestamp
    var isStored = false
}
