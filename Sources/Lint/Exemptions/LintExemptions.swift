/// All that lets findings through.
public struct LintExemptions: Hashable, Sendable {
    public var list: [LintExemption]
    /// `2026-11-26`: an exemption counts on its last day.
    public var today: String
    /// The letters of the subjects that were looked at: an exemption for another one is not called useless.
    public var subjects: Set<LintRule.Subject>

    public init(_ list: [LintExemption] = [], today: String = "9999-12-31", subjects: Set<LintRule.Subject> = []) {
        self.list = list
        self.today = today
        self.subjects = subjects
    }

    /// The findings with what lets them through, and what is wrong with the exemptions themselves.
    func judged(_ findings: [LintFinding]) -> [LintFinding] {
        let inForce = list.filter { isInForce($0) }
        return findings.map { finding in
            var finding = finding
            finding.exemption = inForce.first { $0.covers(finding) }
            return finding
        } + list.flatMap { exemption in mistakes(of: exemption, findings) }
    }

    /// Without a reason, or for a rule that does not exist, it lets nothing through.
    private func isInForce(_ exemption: LintExemption) -> Bool {
        !exemption.reason.isEmpty && exemption.until.map { today <= $0 } ?? true && LintCatalog.rule(exemption.id)?.subject.isExemptible ?? false
    }

    private func mistakes(of exemption: LintExemption, _ findings: [LintFinding]) -> [LintFinding] {
        let place = LintPlace.source(exemption.location)
        guard let rule = LintCatalog.rule(exemption.id), rule.subject.isExemptible else {
            return [LintFinding(ExemptionRules.unknown, LintHit("there is no rule '\(exemption.id.prefix(40))' to ignore", at: place))]
        }
        if exemption.reason.isEmpty {
            return [LintFinding(ExemptionRules.withoutReason, LintHit("\(rule.id) is ignored without a reason", at: place))]
        }
        if let until = exemption.until, today > until {
            return [LintFinding(ExemptionRules.ended, LintHit("the exemption from \(rule.id) ended on \(until)", at: place))]
        }
        guard subjects.contains(rule.subject), !findings.contains(where: exemption.covers) else { return [] }
        return [LintFinding(ExemptionRules.useless, LintHit("nothing here breaks \(rule.id)", at: place))]
    }
}

extension LintRule.Subject {
    /// An exemption can't be exempted.
    fileprivate var isExemptible: Bool { self != .exemption }
}
