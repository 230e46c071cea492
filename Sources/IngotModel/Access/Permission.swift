/// What a request needs. Each route of the API states one; `Role` says who has it.
public enum Permission: String, Hashable, Sendable, Codable, CaseIterable {
    case read
    /// Make a service known, or change its settings.
    case register
    /// Run throwaway instances, and record how tests went.
    case test
    /// Deploy, scale, steer rollouts, hold the lock.
    case deploy
    /// Go back to an earlier release.
    case rollBack = "roll-back"
    case promote
    /// Say yes or no to a promotion.
    case approve
    /// Stop deployments for a time, or lift that.
    case freeze
    /// Let an image run nowhere, or again.
    case reject
    /// Change what holds for production in a service's settings: its environments there, the gates, host names.
    case configureProduction = "configure-production"
    /// Change what the daemon does for a service with its own rights: commands, files that it reads, capabilities.
    case configureHost = "configure-host"
    case collectGarbage = "collect-garbage"
    /// Give and take roles, and see and end everybody's tokens.
    case manageAccess = "manage-access"
}
