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

        /// How old the knowledge is. A feed without dates is as old as its import.
        public var knownAt: Timestamp { min(newest ?? importedAt, importedAt) }
    }

    public var sources: [Source]

    public init(sources: [Source] = []) { self.sources = sources }

    public var advisories: Int { sources.reduce(0) { $0 + $1.advisories } }

    /// As of when anything is known about a scope; `nil` when nothing is.
    public func knownAt(_ scope: AdvisoryScope) -> Timestamp? { sources(of: scope).map(\.knownAt).max() }

    /// Sources with something about a scope.
    public func sources(of scope: AdvisoryScope) -> [Source] { sources.filter { $0.scopes[scope.text, default: 0] > 0 } }
}
