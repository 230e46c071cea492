import IngotModel

// What the numbers say of a release that is being watched.
extension PlanningPass {
    /// Why the release must not have more traffic, or the traffic that it has.
    mutating func reasonByAnalysis(_ rollout: RolloutProgress) -> String? { nil }

    /// At the end of a step's soak: `nil` when the release may go on, else whether the pass does.
    mutating func waitForVerdict(_ rollout: RolloutProgress, since soaked: Timestamp) -> Bool? { nil }

    /// The release that gets requests of our own.
    var probed: ReleaseNumber? { nil }
}
