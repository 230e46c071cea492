/// What somebody is trusted with. Each is given on everything, on a service, or on an environment of a service: `Grant`.
///
/// They are ordered but for one: approver is beside developer and operator, so that who approves need not be who deploys.
public enum Role: String, Hashable, Sendable, Codable, CaseIterable {
    /// Reads: states, events, logs.
    case viewer
    /// Registers services, tests, and deploys where it is not production.
    case developer
    /// Says yes or no to what is to run in production, and changes nothing else.
    case approver
    /// Deploys, scales and goes back everywhere; rejects images; sets what holds for production.
    case `operator`
    /// Everything, also who may do what, and what the daemon does on this machine with its own rights.
    case administrator

    /// - Parameter isProduction: whether it is about an environment of production.
    public func permissions(isProduction: Bool) -> Set<Permission> {
        switch self {
        case .viewer: [.read]
        case .developer: Set([.read, .register, .test]).union(isProduction ? [] : Self.running)
        case .approver: [.read, .approve]
        case .operator: Set([.read, .register, .test, .freeze, .reject, .configureProduction]).union(Self.running)
        case .administrator: Set(Permission.allCases)
        }
    }

    private static let running: Set<Permission> = [.deploy, .rollBack, .promote]

    public func has(_ permission: Permission, isProduction: Bool) -> Bool { permissions(isProduction: isProduction).contains(permission) }
}
