public import ImageStore
public import IngotModel

/// A tag that is to name another manifest than now.
public struct TagChange: Hashable, Sendable {
    public var repository: RepositoryName
    public var tag: String
    /// What it names; `nil` when there is no such tag yet.
    public var before: Digest?
    /// What it is to name; `nil` when it is to go.
    public var after: Digest?

    public init(repository: RepositoryName, tag: String, before: Digest?, after: Digest?) {
        self.repository = repository
        self.tag = tag
        self.before = before
        self.after = after
    }
}

/// Decides over tags. It is asked for each one that is made, moved or deleted through the registry, one at a time.
public struct TagRule: Sendable {
    /// Why not; `nil` when the change is allowed.
    public let refusal: @Sendable (TagChange) -> String?

    public init(_ refusal: @escaping @Sendable (TagChange) -> String?) { self.refusal = refusal }

    /// A semantic version never moves and never goes: whoever has deployed it by its name has one image.
    public static let versionsNeverMove = TagRule { change in
        guard let before = change.before, before != change.after, isSemanticVersion(change.tag) else { return nil }
        return "\(change.repository.tagged(change.tag)) is a version, and versions never move: it is \(before.short); give the new image a new one"
    }

    public static let anything = TagRule { _ in nil }

    /// `1.2.3`, `v1.2.3`, `1.2.3-rc.1`. Source: Semantic Versioning 2.0.0; a tag can have no `+`, so `_` stands for it as Helm writes it.
    static func isSemanticVersion(_ tag: String) -> Bool {
        var rest = tag[...]
        if rest.hasPrefix("v") { rest = rest.dropFirst() }
        if let build = rest.firstIndex(of: "_") {
            guard areWords(rest[rest.index(after: build)...]) else { return false }
            rest = rest[..<build]
        }
        if let hyphen = rest.firstIndex(of: "-") {
            guard areWords(rest[rest.index(after: hyphen)...]) else { return false }
            rest = rest[..<hyphen]
        }
        let numbers = rest.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 3
            && numbers.allSatisfy { number in
                !number.isEmpty && number.utf8.allSatisfy { (48...57).contains($0) } && (number.utf8.count == 1 || number.first != "0")
            }
    }

    private static func areWords(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { $0 == UInt8(ascii: "-") || Character(UnicodeScalar($0)).isLetter || (48...57).contains($0) }
        }
    }
}
