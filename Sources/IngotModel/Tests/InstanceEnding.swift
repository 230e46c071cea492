/// How an instance ended.
public struct InstanceEnding: Hashable, Sendable, Codable {
    /// `exit code 0`, `ended by SIGKILL`, `killed: it used all the memory it may have`.
    public var words: String
    public var wasKilled: Bool
    public var endedAt: Timestamp
    public init(words: String, wasKilled: Bool, endedAt: Timestamp) {
        self.words = words
        self.wasKilled = wasKilled
        self.endedAt = endedAt
    }
}
