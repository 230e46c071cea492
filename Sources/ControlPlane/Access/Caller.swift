import IngotModel

/// Who asks, and what that one may do.
struct Caller: Sendable {
    var actor: Principal
    var rights: Rights
    /// Whether an environment is one of production. What no settings name any more is held to be one.
    var isProduction: @Sendable (EnvironmentID) async throws -> Bool

    func may(_ permission: Permission, in scope: AccessScope) async throws -> Bool {
        // Reading is the same everywhere, so nobody has to look.
        guard permission != .read, case .environment(let environment) = scope else {
            return rights.allow(permission, in: scope, isProduction: false)
        }
        return rights.allow(permission, in: scope, isProduction: try await isProduction(environment))
    }

    /// What of a list the caller may read.
    func readable<Element>(_ list: [Element], in scope: (Element) -> AccessScope) -> [Element] {
        list.filter { rights.allow(.read, in: scope($0), isProduction: false) }
    }
}
