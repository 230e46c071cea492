/// What is asked of a service and of how it is run.
public enum AssessmentQuestion: String, Hashable, Sendable, Codable, CaseIterable {
    case stateless
    case configurationOutside = "configuration-outside"
    case logsSentAway = "logs-sent-away"
    case healthChecks = "health-checks"
    case gracefulStop = "graceful-stop"
    case automatedBuilds = "automated-builds"
    case versionControl = "version-control"
    case loadBalancing = "load-balancing"
    case automatedDeployment = "automated-deployment"
    case triedRollback = "tried-rollback"
    case scanning
    case noSecrets = "no-secrets"
    case minimalBase = "minimal-base"
    case regularUpdates = "regular-updates"

    public enum Area: String, Hashable, Sendable, Codable, CaseIterable { case application, infrastructure, security }

    public var area: Area {
        switch self {
        case .stateless, .configurationOutside, .logsSentAway, .healthChecks, .gracefulStop: .application
        case .automatedBuilds, .versionControl, .loadBalancing, .automatedDeployment, .triedRollback: .infrastructure
        case .scanning, .noSecrets, .minimalBase, .regularUpdates: .security
        }
    }

    public var title: String {
        switch self {
        case .stateless: "instances keep no state"
        case .configurationOutside: "configuration stands outside the image"
        case .logsSentAway: "logs leave the instance"
        case .healthChecks: "health checks tell the truth"
        case .gracefulStop: "stopping loses no request"
        case .automatedBuilds: "images are built from commits"
        case .versionControl: "everything is in version control"
        case .loadBalancing: "load is shared by several instances"
        case .automatedDeployment: "releases are rolled out by a program"
        case .triedRollback: "going back was tried"
        case .scanning: "vulnerabilities are looked for"
        case .noSecrets: "the image holds no secrets"
        case .minimalBase: "the image holds little but the service"
        case .regularUpdates: "base and image are renewed"
        }
    }

    /// The level for which it has to be answered by yes, with those of all levels below.
    public var level: Int {
        switch self {
        case .versionControl, .automatedBuilds: 2
        case .configurationOutside, .stateless, .automatedDeployment, .noSecrets: 3
        case .healthChecks, .gracefulStop, .loadBalancing, .logsSentAway, .triedRollback: 4
        case .scanning, .minimalBase, .regularUpdates: 5
        }
    }
}
