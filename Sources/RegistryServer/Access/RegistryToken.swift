internal import ImageStore
public import IngotModel

/// Who may use the registry, as it is kept: the secret itself only as its hash.
public struct RegistryToken: Codable, Hashable, Sendable {
    public var name: String
    public var repositories: [RepositoryPattern]
    /// Whether it may also push and delete.
    public var mayPush: Bool
    /// Of the secret, by SHA-256: it is 256 random bits, so nothing slower makes it safer.
    var hash: Digest
    public var createdAt: Timestamp
    public var expiresAt: Timestamp

    public func isExpired(at now: Timestamp) -> Bool { now >= expiresAt }

    func allows(_ need: AccessNeed) -> Bool {
        switch need {
        case .nothing, .presence: true
        case .pull(let name): repositories.contains { $0.matches(name) }
        case .push(let name): mayPush && repositories.contains { $0.matches(name) }
        }
    }

    /// 1 to 63 small letters, digits and hyphens, beginning and ending with a letter or digit: it is a file's name.
    static func isName(_ text: String) -> Bool {
        func isWord(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, let last = text.utf8.last, isWord(first), isWord(last) else {
            return false
        }
        return text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
    }
}
