/// Everything that somebody may do: what their grants add up to, within the limit of the token that they came with.
public struct Rights: Hashable, Sendable {
    public var grants: [Grant]
    /// What a token was made for. Whoever comes with it may do what both this and the grants of its owner allow, so a person who
    /// loses a role loses it in all their tokens.
    public var limit: Grant?

    public init(_ grants: [Grant], limit: Grant? = nil) {
        self.grants = grants
        self.limit = limit
    }

    /// - Parameter isProduction: whether the scope is an environment of production.
    public func allow(_ permission: Permission, in scope: AccessScope, isProduction: Bool) -> Bool {
        let isWithin = limit?.allows(permission, in: scope, isProduction: isProduction) ?? true
        return isWithin && grants.contains { $0.allows(permission, in: scope, isProduction: isProduction) }
    }

    /// Whether there is anything at all on which this is allowed.
    public func allowSomewhere(_ permission: Permission) -> Bool {
        [true, false].contains { isProduction in
            grants.contains { grant in
                guard grant.role.has(permission, isProduction: isProduction) else { return false }
                guard let limit else { return true }
                return limit.role.has(permission, isProduction: isProduction) && limit.scope.overlaps(grant.scope)
            }
        }
    }

    /// Whether all that a grant allows is allowed by these: nobody gives away more than they have.
    public func cover(_ grant: Grant) -> Bool {
        [true, false].allSatisfy { isProduction in
            grant.role.permissions(isProduction: isProduction).allSatisfy { allow($0, in: grant.scope, isProduction: isProduction) }
        }
    }
}
