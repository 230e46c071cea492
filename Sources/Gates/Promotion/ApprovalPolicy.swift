public import IngotModel

/// Whether enough other people have agreed that an image may run in an environment. Pure.
///
/// Four eyes: whoever asks for a promotion, and whoever had a hand in the image, does not count, however they call themselves to other programs
/// and whichever of their tokens they use: people are those whom the daemon knows. Of each person the last decision counts.
public enum ApprovalPolicy {
    private static func standing(
        of image: Digest, in id: EnvironmentID, _ environment: EnvironmentSpecification, _ situation: PromotionSituation
    ) -> GateStanding {
        let rule = environment.promotion.approval
        let decisions = decisions(on: image, in: id, rule, situation)
        let counting = counting(decisions, rule, situation)
        let approvals = decisions.filter { $0.decision == .approved }
        var standing = GateStanding(.approval, facts: approvals.map { fact($0, counts: counting.contains($0), rule, situation) })
        standing.objections = objections(decisions, image, environment)
        guard environment.requiresApproval, standing.isOpen, counting.count < rule.approvers else { return standing }
        let have = counting.isEmpty ? "nobody has approved it" : "\(counting.count) of \(rule.approvers) people have approved it"
        let others = situation.involved.isEmpty ? "another person" : "another person than \(situation.involved.sorted().joined(separator: ", "))"
        standing.objections.append(
            .init(
                "\(environment.name) asks for an approval, and \(have)",
                remedy: "let \(others) run `ingot approve \(image.short) \(environment.name)`"))
        return standing
    }

    /// The gate of approvals alone; `nil` where the environment has none, and nobody has rejected the image.
    public static func gate(
        of image: Digest, in id: EnvironmentID, _ environment: EnvironmentSpecification, _ situation: PromotionSituation
    ) -> GateStanding? {
        environment.requiresApproval || situation.hasRejections ? standing(of: image, in: id, environment, situation) : nil
    }

    /// What people have decided against an image, whatever else the environment asks: it holds also for a release that is there.
    public static func rejections(
        of image: Digest, in id: EnvironmentID, _ environment: EnvironmentSpecification, _ situation: PromotionSituation
    ) -> GateStanding {
        let decisions = decisions(on: image, in: id, environment.promotion.approval, situation)
        return GateStanding(.approval, objections: objections(decisions, image, environment))
    }

    private static func objections(
        _ decisions: [Approval], _ image: Digest, _ environment: EnvironmentSpecification
    ) -> [GateVerdict.Objection] {
        decisions.filter { $0.decision == .rejected }.map { rejection in
            .init(
                "\(rejection.by) rejected it for \(environment.name)\(rejection.reason.map { ": \($0)" } ?? "")",
                remedy: "deploy another image, or have \(rejection.by) approve it: `ingot approve \(image.short) \(environment.name)`")
        }
    }

    /// Those who let it run while the environment is frozen.
    static func overriding(
        of image: Digest, in id: EnvironmentID, _ rule: ApprovalRule, _ situation: PromotionSituation
    ) -> [Approval] {
        counting(decisions(on: image, in: id, rule, situation), rule, situation).filter(\.overridesFreeze)
    }

    /// Why somebody can't approve an image; `nil` when they can.
    public static func objection(to approver: String, _ authors: Set<String>) -> String? {
        guard Set(authors.map(Principal.person(behind:))).contains(Principal.person(behind: approver)) else { return nil }
        return "\(approver) has tested it or had it promoted, and nobody approves their own work"
    }

    // MARK: Decisions

    /// The last decision of each person, in the order in which the daemon was given them, whatever the clock said; then that of each key. A key speaks
    /// for itself only: what is signed in a person's name takes back nothing that the person has told the daemon.
    private static func decisions(
        on image: Digest, in id: EnvironmentID, _ rule: ApprovalRule, _ situation: PromotionSituation
    ) -> [Approval] {
        let given = situation.approvals.filter { $0.image == image && $0.environment == id && $0.key == nil }
        return last(given) { Principal.person(behind: $0.by) }
            + last(signed(image, id, rule, situation).sorted { $0.at < $1.at }) { $0.key }
    }

    private static func last<Key: Equatable>(_ decisions: [Approval], of key: (Approval) -> Key) -> [Approval] {
        decisions.reduce(into: []) { last, decision in
            last.removeAll { key($0) == key(decision) }
            last.append(decision)
        }
    }

    /// What trusted keys have signed as approvals for exactly this environment.
    private static func signed(_ image: Digest, _ id: EnvironmentID, _ rule: ApprovalRule, _ situation: PromotionSituation) -> [Approval] {
        guard let signed = situation.signed, signed.image == image else { return [] }
        let trusted = Set(rule.keys.compactMap { $0.verificationKey?.id })
        return signed.proven.compactMap { proven in
            guard let key = proven.signers.intersection(trusted).min(), let statement = proven.statement,
                let predicate = try? statement.predicate(as: ApprovalPredicate.self), predicate.environment == id.text
            else { return nil }
            return Approval(
                environment: id, image: image, decision: predicate.decision == .approved ? .approved : .rejected, by: predicate.by,
                reason: predicate.reason, at: predicate.decidedAt, expiresAt: predicate.decision == .approved ? predicate.expiresAt : nil, key: key)
        }
    }

    private static func counting(_ decisions: [Approval], _ rule: ApprovalRule, _ situation: PromotionSituation) -> [Approval] {
        decisions.filter { $0.decision == .approved && counts($0, rule, situation.now) && !situation.isInvolved($0.by) }
            .reduce(into: []) { counting, approval in
                // Somebody who has told the daemon and has signed as well is one person.
                let person = Principal.person(behind: approval.by)
                if !counting.contains(where: { Principal.person(behind: $0.by) == person }) { counting.append(approval) }
            }
    }

    /// As long as it said when it was given, and no longer than the environment says now.
    private static func counts(_ approval: Approval, _ rule: ApprovalRule, _ now: Timestamp) -> Bool {
        approval.isInForce(at: now) && now < approval.at + rule.valid
    }

    private static func fact(
        _ approval: Approval, counts: Bool, _ rule: ApprovalRule, _ situation: PromotionSituation
    ) -> GateStanding.Fact {
        let what = (approval.overridesFreeze ? "approved, also while it is frozen" : "approved") + (approval.key == nil ? "" : ", signed")
        let isOver = !Self.counts(approval, rule, situation.now)
        let why = counts ? "" : isOver ? " (has ended)" : " (does not count: they had a hand in it)"
        return .init("\(what)\(approval.reason.map { ": \($0)" } ?? "")\(why)", by: approval.by, at: approval.at)
    }
}

extension PromotionSituation {
    /// The people whose approval does not count.
    var involved: Set<String> { Set(authors.union(asker.map { [$0] } ?? []).map(Principal.person(behind:))) }
    func isInvolved(_ actor: String) -> Bool { involved.contains(Principal.person(behind: actor)) }
    var hasRejections: Bool { approvals.contains { $0.decision == .rejected } }
}
