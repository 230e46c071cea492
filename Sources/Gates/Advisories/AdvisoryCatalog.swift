public import IngotModel

/// What an index of advisories holds, and since when.
public struct AdvisoryCatalog: Hashable, Sendable, Codable {
    /// One import that is still in force.
    public struct Source: Hashable, Sendable, Codable {
        /// Where the advisories come from: a name that the next import from there replaces.
        public var origin: String
        public var format: AdvisorySource.Format
        /// Of what was imported.
        public var digest: Digest
        /// When the newest of them was modified; `nil` when they don't say.
        public var newest: Timestamp?
        public var importedAt: Timestamp
        public var advisories: Int
        /// Taken back by those who gave them.
        public var withdrawn: Int
        /// About ecosystems that are not known here, or about commits only.
        public var skipped: Int
        /// By scope, how many.
        public var scopes: [String: Int]
        /// Of a distribution that publishes its advisories by repository, which one; `nil` when they are about all.
        public var repository: String?
        /// Where the next import finds them: an absolute path, or an address. `nil` for imports of before it was noted.
        public var location: String?
        /// What their server calls what it sent: it sends nothing while that is what it has.
        public var entityTag: String?
        /// When its server last said that it still has the same.
        public var confirmedAt: Timestamp?

        /// How old the knowledge is. A feed without dates is as old as its file, or else its import; but what its server still has is all that
        /// is known by then.
        public var knownAt: Timestamp {
            let known = min(newest ?? importedAt, importedAt)
            return format.hasDates ? known : max(known, confirmedAt ?? known)
        }
    }

    public var sources: [Source]

    public init(sources: [Source] = []) { self.sources = sources }

    public var advisories: Int { sources.reduce(0) { $0 + $1.advisories } }

    /// How old what is known about a scope is; `nil` when nothing is. A few advisories beside many say nothing about the rest, however young
    /// they are: only sources with at least half as many as the largest count. Of repositories that complete each other, the oldest.
    public func knownAt(_ scope: AdvisoryScope) -> Timestamp? {
        let repositories = Dictionary(grouping: sources(of: scope), by: \.repository).values
        return repositories.compactMap { sources in
            func count(_ source: Source) -> Int { source.scopes[scope.text, default: 0] }
            let largest = sources.map(count).max() ?? 0
            return sources.filter { count($0) * 2 >= largest }.map(\.knownAt).max()
        }.min()
    }

    /// Sources with something about a scope.
    public func sources(of scope: AdvisoryScope) -> [Source] { sources.filter { $0.scopes[scope.text, default: 0] > 0 } }
}
