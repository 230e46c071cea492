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

    /// What a name means stays true, by ``ImageStore/TagPolicy``: a version never moves and never goes, `latest` is refused, and an environment's tag is
    /// its promotions'.
    ///
    /// - Parameter isPromoted: whether a name is the tag of an environment.
    public static func standard(isPromoted: @escaping @Sendable (String) -> Bool = { _ in false }) -> TagRule {
        TagRule { change in
            let name = change.repository.tagged(change.tag)
            guard let after = change.after else { return refusalToDelete(name, isPromoted: isPromoted(name)) }
            do throws(StoreError) {
                try TagPolicy.check(name, for: after, present: change.before, environments: isPromoted(name) ? [name] : [])
                return nil
            } catch {
                return text(of: error)
            }
        }
    }

    private static func refusalToDelete(_ name: String, isPromoted: Bool) -> String? {
        if isPromoted { return text(of: TagPolicy.environment(name)) }
        guard TagPolicy.kind(of: name) == .version else { return nil }
        return "\(name) is a version, and versions never go: whoever has deployed it by its name has one image"
    }

    private static func text(of error: StoreError) -> String { error.message + (error.remedy.map { "; \($0)" } ?? "") }

    public static let anything = TagRule { _ in nil }
}
