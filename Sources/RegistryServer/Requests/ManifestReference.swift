internal import ImageStore
internal import IngotModel

/// How a manifest is asked for.
enum ManifestReference: Hashable, Sendable, CustomStringConvertible {
    case tag(String)
    case digest(Digest)

    /// `nil` when the text is neither.
    init?(_ text: String) {
        if let digest = Digest(text) {
            self = .digest(digest)
        } else if RepositoryName.isTag(text) {
            self = .tag(text)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .tag(let tag): tag
        case .digest(let digest): digest.description
        }
    }
}
