/// The name of a repository that this machine's registry serves: `shop`, `team/shop`.
///
/// The tag `1.4` of the repository `shop` is the store's tag `shop:1.4`: an image that was built here is in the repository of its name.
/// A name that begins with a registry's host is that registry's, and names no repository here.
///
/// Source: OCI Distribution Specification 1.1, "Pulling manifests".
public struct RepositoryName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// In bytes, as a folder is called: below what file systems take.
    private static let longestFolder = 240

    public let text: String
    public var description: String { text }

    /// `nil` when the text cannot name a repository.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard let name = ImageName(text), name.host == nil, name.tag == nil, name.digest == nil, name.path == text,
            (try? TagName.check(text)) != nil, TagName.fileName(text).utf8.count <= Self.longestFolder
        else { return nil }
        self.text = text
    }

    /// The store's name of one of its tags.
    public func tagged(_ tag: String) -> String { "\(text):\(tag)" }

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// Of `shop:1.4`, the repository and the tag; `nil` when the name is no repository's.
    static func split(_ name: String) -> (repository: RepositoryName, tag: String)? {
        guard let colon = name.lastIndex(of: ":"), let repository = RepositoryName(name[..<colon]) else { return nil }
        let tag = String(name[name.index(after: colon)...])
        return isTag(tag) ? (repository, tag) : nil
    }

    /// Source: the same: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
    public static func isTag(_ text: some StringProtocol) -> Bool {
        func isWord(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95 }
        guard let first = text.utf8.first, isWord(first), text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}
