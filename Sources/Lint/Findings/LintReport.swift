import IngotModel

/// What was looked at, and what was found.
public struct LintReport: Hashable, Sendable, Codable {
    /// Files by name, images by digest.
    public var subjects: [String]
    /// Those that nothing lets through, the worst first, then by place.
    public var findings: [LintFinding]
    /// Those that somebody answers for.
    public var exempted: [LintFinding]

    /// - Parameter exemptions: who lets what through. What is wrong with them are findings too.
    public init(subjects: [String], findings: [LintFinding], exemptions: LintExemptions = LintExemptions()) {
        self.subjects = subjects
        let judged = exemptions.judged(findings)
        self.findings = judged.filter { $0.exemption == nil }.sorted(by: Self.isBefore)
        exempted = judged.filter { $0.exemption != nil }.sorted(by: Self.isBefore)
    }

    /// The worst that was found; `nil` for nothing.
    public var worst: LintSeverity? { findings.map(\.severity).max() }

    /// The rules that something breaks, also where somebody answers for it: that a finding is accepted does not make it untrue.
    public var brokenRules: Set<String> { Set((findings + exempted).map(\.rule)) }

    public func count(_ severity: LintSeverity) -> Int { findings.count { $0.severity == severity } }

    private static func isBefore(_ left: LintFinding, _ right: LintFinding) -> Bool {
        if left.severity != right.severity { return left.severity > right.severity }
        let (first, second) = (left.place.source, right.place.source)
        return (first?.file ?? "~", first?.line ?? 0, first?.column ?? 0, left.rule, left.message)
            < (second?.file ?? "~", second?.line ?? 0, second?.column ?? 0, right.rule, right.message)
    }
}
