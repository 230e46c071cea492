/// How bad a vulnerability is. What nobody has rated is `unknown`, and that is not low.
///
/// Source of the bounds: CVSS 3.1, section 5, "Qualitative Severity Rating Scale".
public enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
    case unknown, none, low, medium, high, critical

    /// For a base score in tenths.
    public init(tenths: Int) {
        self =
            switch tenths {
            case ..<1: .none
            case ..<40: .low
            case ..<70: .medium
            case ..<90: .high
            default: .critical
            }
    }

    /// Reads the words of databases: GitHub's `MODERATE`, Ubuntu's `negligible`, Debian's `medium**`. `unknown` for any other.
    public init(word: String) {
        self =
            switch word.lowercased().filter({ $0 != "*" }) {
            case "none", "negligible": .none
            case "low", "minor": .low
            case "medium", "moderate": .medium
            case "high", "important": .high
            case "critical": .critical
            default: .unknown
            }
    }

    /// From harmless to critical; `unknown` lies below, so that any rating is preferred to it.
    public var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Whether a gate that fails at `threshold` fails here. The unknown may be anything.
    public func reaches(_ threshold: Severity) -> Bool { self == .unknown || rank >= threshold.rank }

    public static func worse(_ left: Severity, _ right: Severity) -> Severity { left.rank < right.rank ? right : left }
}
