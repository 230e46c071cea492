public import IngotModel

/// Somebody has looked at a finding and answers for it.
public struct LintExemption: Hashable, Sendable, Codable {
    /// The rule's identifier.
    public var id: String
    public var reason: String
    /// The last day on which it counts, such as `2027-01-31`; `nil` for no end.
    public var until: String?
    /// Where it stands.
    public var location: SourceLocation
    /// The lines of its file that it is about; `nil` for everything.
    public var lines: ClosedRange<Int>?

    public init(id: String, reason: String, until: String? = nil, location: SourceLocation, lines: ClosedRange<Int>? = nil) {
        self.id = id
        self.reason = reason
        self.until = until
        self.location = location
        self.lines = lines
    }

    func covers(_ finding: LintFinding) -> Bool {
        guard finding.rule == id else { return false }
        guard let lines else { return true }
        guard let source = finding.place.source else { return false }
        return source.file == location.file && lines.contains(source.line)
    }
}
