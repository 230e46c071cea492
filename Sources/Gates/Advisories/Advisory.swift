public import IngotModel

/// What one advisory says about one package of one scope.
public struct Advisory: Sendable {
    /// What is to become of it, apart from versions; the worst first.
    public enum Status: UInt8, Hashable, Sendable, Codable {
        case affected
        /// Nobody has found out yet whether the package is affected.
        case undetermined
        /// It is real, and the distribution will not mend it in this release.
        case ignored
        /// The distribution holds it for no security problem. Source: Debian, "Security Tracker", severity levels.
        case unimportant
        /// News about the package that is no vulnerability: nobody maintains it.
        case informational
    }

    public var id: String
    /// Other names of the same vulnerability.
    public var aliases: [String]
    public var scope: AdvisoryScope
    /// Normalized by the scope. For a distribution, the source package.
    public var package: String
    public var modified: Timestamp?
    public var severity: Severity
    /// CVSS base score in tenths; `nil` when there is none.
    public var scoreTenths: Int?
    public var status: Status
    public var ranges: [AffectedRange]
    /// Single versions that are affected, beside the ranges.
    public var versions: [Version]
    public var summary: String

    public init(
        id: String, aliases: [String] = [], scope: AdvisoryScope, package: String, modified: Timestamp? = nil, severity: Severity = .unknown,
        scoreTenths: Int? = nil, status: Status = .affected, ranges: [AffectedRange], versions: [String] = [], summary: String = ""
    ) {
        self.id = id
        self.aliases = aliases
        self.scope = scope
        self.package = package
        self.modified = modified
        self.severity = severity
        self.scoreTenths = scoreTenths
        self.status = status
        self.ranges = ranges
        self.versions = versions.map { scope.order.version($0) }
        self.summary = summary
    }

    /// Whether a version is affected.
    public enum Verdict: Hashable, Sendable {
        /// With the oldest newer version that mends it, when one does.
        case affected(fixedBy: String?)
        case notAffected
        /// A version in the advisory, or the one asked about, follows no rule.
        case unreadable(String)
    }

    /// Source: OSV schema 1.7, "Evaluation".
    public func verdict(on version: Version) -> Verdict {
        let isListed = versions.contains { $0.text == version.text || $0.compared(to: version) == .same }
        guard version.isValid else { return isListed ? .affected(fixedBy: nil) : .unreadable(version.text) }
        var verdict = isListed ? Verdict.affected(fixedBy: nil) : .notAffected
        for range in ranges {
            switch range.verdict(on: version) {
            case .affected(let fix): return .affected(fixedBy: fix)
            case .unreadable(let text) where !isListed: verdict = .unreadable(text)
            case .unreadable, .notAffected: break
            }
        }
        return verdict
    }
}
