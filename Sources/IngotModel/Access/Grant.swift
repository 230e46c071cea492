/// A role on something.
public struct Grant: Hashable, Sendable, Codable, CustomStringConvertible {
    public var role: Role
    public var scope: AccessScope

    public init(_ role: Role, on scope: AccessScope = .everything) {
        self.role = role
        self.scope = scope
    }

    public var description: String { "\(role.rawValue) on \(scope)" }

    public func allows(_ permission: Permission, in scope: AccessScope, isProduction: Bool) -> Bool {
        self.scope.contains(scope) && role.has(permission, isProduction: isProduction)
    }
}
