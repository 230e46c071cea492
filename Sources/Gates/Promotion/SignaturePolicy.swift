public import IngotModel

/// Whether keys that an environment trusts have signed of an image what it asks for. Pure.
public enum SignaturePolicy {
    static func standing(of image: Digest, by rules: [SignatureRule], _ situation: PromotionSituation) -> GateStanding {
        var standing = GateStanding(.signatures)
        for (rule, type) in rules.flatMap({ rule in rule.types.map { (rule, $0) } }) {
            switch signers(of: type, by: rule, situation) {
            case .success(let signers): standing.facts.append(.init("signed as '\(type)'", by: signers.joined(separator: ", ")))
            case .failure(let missing): standing.objections.append(.init(missing.what, remedy: remedy(type, image)))
            }
        }
        return standing
    }

    private struct Missing: Error { var what: String }

    private static func signers(of type: String, by rule: SignatureRule, _ situation: PromotionSituation) -> Result<[String], Missing> {
        if let reason = situation.unreadable { return .failure(Missing(what: "what is signed could not be read: \(reason)")) }
        guard let signed = situation.signed else { return .failure(Missing(what: "nobody has looked whether it is signed as '\(type)'")) }
        let requirement = SignatureRequirement(
            predicateType: PredicateType.uri(of: type), trusted: rule.keys.compactMap(\.verificationKey), keys: rule.required)
        let verdict = requirement.judge(signed.inFavour(at: situation.now))
        guard verdict.isMet else { return .failure(Missing(what: missing(type, rule) + against(requirement, signed, situation.now))) }
        return .success(rule.keys.filter { key in key.verificationKey.map { verdict.signers.contains($0.id) } ?? false }.map(\.name))
    }

    private static func missing(_ type: String, _ rule: SignatureRule) -> String {
        let names = rule.keys.map(\.name).joined(separator: ", ")
        return switch (rule.required, rule.keys.count) {
        case (1, 1): "\(names) has not signed it as '\(type)'"
        case (1, _): "none of \(names) has signed it as '\(type)'"
        default: "fewer than \(rule.required) of \(names) have signed the same of it as '\(type)'"
        }
    }

    /// What was signed and speaks against the image is more to the point than that something is missing.
    private static func against(_ requirement: SignatureRequirement, _ signed: SignedEvidence, _ now: Timestamp) -> String {
        let trusted = Set(requirement.trusted.map(\.id))
        let statements = signed.proven.filter { $0.predicateType == requirement.predicateType && !$0.signers.isDisjoint(with: trusted) }
        return Set(statements.compactMap { $0.objection(at: now) }).sorted().prefix(3).map { "; \($0)" }.joined()
    }

    private static func remedy(_ type: String, _ image: Digest) -> String {
        type == PredicateType.signature.rawValue
            ? "sign it with such a key: `ingot sign \(image.short) --key KEY`"
            : "sign the statement with such a key: `ingot attest \(image.short) --type \(type) --key KEY`"
    }

    /// Every key that any of the rules, or of the signed approvals, trusts; each once.
    public static func keys(of rules: PromotionRules) -> [VerificationKey] {
        var seen: Set<VerificationKey.ID> = []
        return (rules.signatures.flatMap(\.keys) + rules.approval.keys).compactMap(\.verificationKey).filter { seen.insert($0.id).inserted }
    }
}

extension TrustedKey {
    /// `nil` for what is no key, which is then trusted in nothing.
    var verificationKey: VerificationKey? { try? VerificationKey(pem: pem, name) }
}
