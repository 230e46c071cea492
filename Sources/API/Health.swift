public import IngotModel

/// The answer to `GET /v1/health`.
public struct Health: Sendable, Codable, Equatable {
    public enum Status: String, Sendable, Codable { case ok, degraded }
    public var status: Status
    /// What is wrong, when it is degraded.
    public var problems: [String]
    public var version: String
    public var processID: Int
    public var startedAt: Timestamp
    /// The OCI runtime in use and its version: `crun 1.8.1`.
    public var runtime: String
    /// The router in use, its version, and where it listens.
    public var router: String
    public var routerAddress: String
    /// How strongly root file systems are protected on this machine.
    public var rootProtection: String

    public init(
        status: Status, problems: [String], version: String, processID: Int, startedAt: Timestamp, runtime: String, router: String,
        routerAddress: String, rootProtection: String
    ) {
        self.status = status
        self.problems = problems
        self.version = version
        self.processID = processID
        self.startedAt = startedAt
        self.runtime = runtime
        self.router = router
        self.routerAddress = routerAddress
        self.rootProtection = rootProtection
    }
}
