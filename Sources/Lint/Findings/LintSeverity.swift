/// How bad a finding is, in SARIF's words. Source: SARIF 2.1.0, section 3.27.10 (level).
public enum LintSeverity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Worth knowing.
    case note
    /// Will hurt one day.
    case warning
    /// Breaks what immutable infrastructure promises, or is dangerous now.
    case error

    private var rank: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }

    public static func < (left: LintSeverity, right: LintSeverity) -> Bool { left.rank < right.rank }
}
