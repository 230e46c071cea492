internal import FoundationEssentials
internal import ImageStore
internal import IngotModel

/// What a request must be allowed to.
enum AccessNeed: Hashable, Sendable {
    case nothing
    /// To be known, or to be one of those that anybody may be.
    case presence
    case pull(RepositoryName)
    case push(RepositoryName)
}

/// Who asks.
enum Access: Sendable {
    case nobody
    case token(RegistryToken)

    /// - Parameter isOpen: whether anybody may pull.
    func allows(_ need: AccessNeed, isOpen: Bool) -> Bool {
        switch self {
        case .token(let token): token.allows(need) || (isOpen && Access.nobody.allows(need, isOpen: true))
        case .nobody:
            switch need {
            case .nothing: true
            case .presence, .pull: isOpen
            case .push: false
            }
        }
    }
}

/// What stands in an `Authorization` header.
enum PresentedCredential {
    case none
    case nobody
    case secret(RegistrySecret)
    /// What can be no token of this registry.
    case other

    static let longest = 4_096

    /// Basic, where the password is the token and the user's name says nothing, or Bearer. Source: RFC 7617, RFC 6750.
    init(_ header: String?) {
        guard let header else {
            self = .none
            return
        }
        self = .other
        let parts = header.split(separator: " ", maxSplits: 1)
        guard header.utf8.count <= Self.longest, parts.count == 2 else { return }
        switch parts[0].lowercased() {
        case "bearer": self = Self.read(parts[1])
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])), let text = String(validating: data, as: UTF8.self),
                let colon = text.firstIndex(of: ":")
            else { return }
            self = Self.read(text[text.index(after: colon)...])
        default: return
        }
    }

    private static func read(_ text: Substring) -> PresentedCredential {
        if text == RegistrySecret.nobody { return .nobody }
        return RegistrySecret(text).map { .secret($0) } ?? .other
    }
}
