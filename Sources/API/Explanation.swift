public import IngotModel

/// `GET /v1/services/{service}/environments/{environment}/explanation`: the status, with what was before and what comes next.
public struct Explanation: Sendable, Codable, Equatable {
    public var status: EnvironmentStatus
    /// Since when the release that serves does, where that is still known.
    public var servingSince: Timestamp?
    /// What comes next if all goes well, counted from now: the planner itself, played from the present state. Empty when nothing is under way.
    public var next: [DeploymentPlan.Step]
    public init(status: EnvironmentStatus, servingSince: Timestamp?, next: [DeploymentPlan.Step]) {
        self.status = status
        self.servingSince = servingSince
        self.next = next
    }
}
