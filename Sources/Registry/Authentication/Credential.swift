internal import FoundationEssentials

/// What proves to a registry who one is. It never shows what is secret.
enum Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    case password(user: String, String)
    /// What a token server gives tokens for. Source: Docker Registry v2 OAuth2, "refresh_token".
    case identityToken(String)
    /// Sent to the registry as it is.
    case registryToken(String)

    var description: String {
        switch self {
        case .password(let user, _): "the password of '\(printable(user, most: 60))'"
        case .identityToken: "an identity token"
        case .registryToken: "a registry token"
        }
    }

    var debugDescription: String { description }

    /// For HTTP's Basic authentication; `nil` when it is none, or cannot be written so. Source: RFC 7617.
    var basic: String? {
        guard case .password(let user, let password) = self, !user.contains(":"), !(user + password).utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else { return nil }
        return "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
    }
}
