public import IngotModel

/// What must be signed of an image before an instance of it starts. Pure.
///
/// *What* is demanded is the release's: it was promoted with it, and an environment that asks for more since then must not let what runs decay.
/// *Whose* signature counts is the environment's of now: a key that was taken away starts nothing any more, also by a rollback. What the environment
/// has ceased to ask for is not asked.
public enum StartPolicy {
    /// What a release that is made now is promoted with.
    public static func demands(of rules: [SignatureRule]) -> [SignatureDemand] {
        var demands: [SignatureDemand] = []
        for rule in rules {
            for type in rule.types {
                if let index = demands.firstIndex(where: { $0.type == type }) {
                    demands[index].required = max(demands[index].required, rule.required)
                } else {
                    demands.append(SignatureDemand(type: type, required: rule.required))
                }
            }
        }
        return demands
    }

    public static func requirements(_ demands: [SignatureDemand], by rules: [SignatureRule]) -> [SignatureRequirement] {
        demands.flatMap { demand in
            rules.filter { $0.types.contains(demand.type) }.map { rule in
                SignatureRequirement(
                    predicateType: PredicateType.uri(of: demand.type), trusted: rule.keys.compactMap(\.verificationKey),
                    keys: min(rule.required, demand.required))
            }
        }
    }

    /// What is missing; empty when an instance may start.
    public static func missing(_ requirements: [SignatureRequirement], _ evidence: SignedEvidence, at now: Timestamp) -> [String] {
        let evidence = evidence.inFavour(at: now)
        return requirements.compactMap { $0.judge(evidence).missing }
    }
}
