/// A rule, and a pure function from what it looks at to what it finds.
struct LintCheck<Subject>: Sendable {
    let rule: LintRule
    let find: @Sendable (Subject) -> [LintHit]

    init(_ rule: LintRule, _ find: @escaping @Sendable (Subject) -> [LintHit]) {
        self.rule = rule
        self.find = find
    }

    /// At most this many of one rule are told: a thousandth one helps nobody.
    static var mostFindings: Int { 50 }

    func findings(_ subject: Subject) -> [LintFinding] {
        var seen: Set<LintHit> = []
        return find(subject).filter { seen.insert($0).inserted }.prefix(Self.mostFindings).map { LintFinding(rule, $0) }
    }
}
