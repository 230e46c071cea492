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
///
/// What a name means stays true, by ``ImageStore/TagPolicy``: a version never moves and never goes, `latest` is refused, and an environment's tag is its
/// promotions'.
public struct TagRule: Sendable {
    private let isPromoted: @Sendable (String) -> Bool

    /// - Parameter isPromoted: whether a name is the tag of an environment.
    public init(isPromoted: @escaping @Sendable (String) -> Bool = { _ in false }) { self.isPromoted = isPromoted }

    /// Why not; `nil` when the change is allowed.
    public func refusal(_ change: TagChange) -> String? {
        let name = change.repository.tagged(change.tag)
        let isPromoted = isPromoted(name)
        guard let after = change.after else { return Self.refusalToDelete(name, isPromoted: isPromoted) }
        do throws(StoreError) {
            try TagPolicy.check(name, for: after, present: change.before, environments: isPromoted ? [name] : [])
            return nil
        } catch {
            return Self.text(of: error)
        }
    }

    private static func refusalToDelete(_ name: String, isPromoted: Bool) -> String? {
        if isPromoted { return text(of: TagPolicy.environment(name)) }
        guard TagPolicy.kind(of: name) == .version else { return nil }
        return "\(name) is a version, and versions never go: whoever has deployed it by its name has one image"
    }

    private static func text(of error: StoreError) -> String { error.message + (error.remedy.map { "; \($0)" } ?? "") }
}
