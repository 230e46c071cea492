/// The name of a release set: what the change is called, `storefront`.
public struct ReleaseSetName: NameIdentifier {
    public static let expectation =
        "a release set's name: 1 to 40 of a-z, 0-9 and '-', beginning with a letter, not ending with '-'"
    public let name: String
    public init(uncheckedName: String) { name = uncheckedName }
}

/// The number of a release set within its daemon; the first is 1.
public struct ReleaseSetNumber: WholeNumberCodable {
    public let value: Int
    public init(_ value: Int) { self.value = value }
    public var wholeNumber: Int { value }
    public var description: String { "\(value)" }
}

/// Several services that move together: which images, and who waits for whom.
public struct ReleaseSetSpecification: Hashable, Sendable, Codable {
    /// More services than this are not one change.
    public static let mostMembers = 32
    /// How long a set may take: less than a second is never enough, and a set of more than a week is forgotten.
    public static let deadlines: ClosedRange<Milliseconds> = .seconds(1)...(.minutes(7 * 24 * 60))

    public struct Member: Hashable, Sendable, Codable {
        public var service: ServiceName
        /// What `ingot deploy` takes: a digest, a tag, a commit, or `release:7`.
        public var reference: String
        /// The members that must serve their release before this one begins.
        public var after: [ServiceName]
        public init(service: ServiceName, reference: String, after: [ServiceName] = []) {
            self.service = service
            self.reference = reference
            self.after = after
        }
    }

    public var name: ReleaseSetName
    /// From its acceptance until every member has succeeded; then it goes back. The way back may take as long again.
    public var deadline: Milliseconds
    public var members: [Member]
    public init(name: ReleaseSetName, deadline: Milliseconds, members: [Member]) {
        self.name = name
        self.deadline = deadline
        self.members = members
    }
}
