import API
import IngotModel

extension ControlError {
    /// The same for a token that never was, one that is not in the form of one, and one that was taken back.
    static let notAuthenticated = ControlError(
        "not-authenticated", "the request has no token that is known here",
        remedy: "make one on the daemon's machine with 'ingot token create', and give it in INGOT_TOKEN or by --token-file",
        kind: .unauthenticated)

    /// Only who has the token learns that it was one.
    static func tokenEnded(_ record: TokenRecord) -> ControlError {
        ControlError(
            "token-ended", "the token '\(record.name)' of \(record.owner) ended at \(record.until)",
            remedy: "make a new one with 'ingot token create'",
            kind: .unauthenticated)
    }

    static let tooManyFailures = ControlError(
        "too-many-failures", "too many requests without a valid token came from this address",
        remedy: "check the token, and ask again in \(FailedAttempts.window)", kind: .tooMany)

    static func accessRefused(_ caller: Caller, _ permission: Permission, in scope: AccessScope) -> ControlError {
        let (holder, has): (String, String) =
            if let limit = caller.rights.limit {
                ("\(caller.actor)", "its token is \(limit), and its owner is \(list(caller.rights.grants))")
            } else {
                ("\(caller.actor)", "is \(list(caller.rights.grants))")
            }
        return ControlError(
            "access-refused", "\(holder) may not \(words(permission)) on \(scope): \(has)",
            remedy: "ask an administrator: 'ingot access grant \(caller.actor.person) ROLE'; docs/reference/access.md says which role may what",
            kind: .refused)
    }

    private static func list(_ grants: [Grant]) -> String {
        grants.isEmpty ? "nothing here" : Set(grants.map(\.description)).sorted().joined(separator: ", ")
    }

    private static func words(_ permission: Permission) -> String {
        permission.rawValue.split(separator: "-").joined(separator: " ")
    }
}
