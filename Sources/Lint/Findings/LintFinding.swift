/// A rule that something breaks.
public struct LintFinding: Hashable, Sendable, Codable {
    /// The rule's identifier.
    public var rule: String
    public var severity: LintSeverity
    /// What was found, with names and numbers.
    public var message: String
    public var place: LintPlace
    /// What to do about it here.
    public var fix: String
    /// Why it is let through.
    public var exemption: LintExemption?

    init(_ rule: LintRule, _ hit: LintHit) {
        self.rule = rule.id
        severity = rule.severity
        message = hit.message
        place = hit.place
        fix = hit.fix ?? rule.fix
    }
}

/// What a check says: where, and what exactly.
struct LintHit: Hashable, Sendable {
    var message: String
    var place: LintPlace
    /// What to do here, where that is more than the rule's own words.
    var fix: String?

    init(_ message: String, at place: LintPlace, fix: String? = nil) {
        self.message = message
        self.place = place
        self.fix = fix
    }
}
