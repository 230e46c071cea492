public import IngotModel

/// Whether a digest may be promoted into an environment.
///
/// Pure. What is unknown counts as missing: a gate never opens because nobody looked. Rolling back to a release
/// that ran before is not a promotion, and asks nobody.
public enum PromotionPolicy {
    /// Every gate that says no, in the order in which a person would clear them; empty when the image may run.
    public static func refusals(
        image: ImageEvidence, environment: EnvironmentSpecification, service: ServiceSpecification
    ) -> [Refusal] {
        rejection(image) + commit(image, environment) + examination(image, service.gates) + tests(image, service.tests)
            + order(image, environment, service) + approval(environment)
    }

    private static func rejection(_ image: ImageEvidence) -> [Refusal] {
        guard let reason = image.rejection else { return [] }
        return [
            Refusal(
                .rejection, "it was rejected: \(reason)",
                remedy: "deploy another image; `ingot image accept \(image.digest.short)` takes the rejection back")
        ]
    }

    private static func commit(_ image: ImageEvidence, _ environment: EnvironmentSpecification) -> [Refusal] {
        guard environment.isProduction, image.isDirty else { return [] }
        return [
            Refusal(
                .commit, "it was built from a tree with uncommitted changes, and \(environment.name) takes committed ones only",
                remedy: "commit the changes, then `ingot build` and deploy the image of that commit")
        ]
    }

    /// A gate without a verdict on this very digest stays closed.
    private static func examination(_ image: ImageEvidence, _ gates: GatePolicy) -> [Refusal] {
        gates.gates.flatMap { gate -> [Refusal] in
            guard let verdict = image.verdicts.first(where: { $0.gate == gate && $0.image == image.digest }) else {
                return [
                    Refusal(
                        Refusal.Gate(gate), "the gate '\(gate.rawValue)' has not looked at it",
                        remedy: "see what it says with `ingot scan \(image.digest.short)`")
                ]
            }
            return verdict.objections.map { Refusal(Refusal.Gate(gate), $0.message, remedy: $0.remedy) }
        }
    }

    private static func tests(_ image: ImageEvidence, _ tests: [TestSpecification]) -> [Refusal] {
        tests.compactMap { test in
            if image.failedTests.contains(test.name) {
                return Refusal(
                    .tests, "test '\(test.name)' failed for it",
                    remedy: "mend what the tests found, commit, and run `ingot up` again")
            }
            guard image.passedTests.contains(test.name) else {
                return Refusal(.tests, "test '\(test.name)' has not run with it", remedy: "run `ingot up`, which runs the tests")
            }
            return nil
        }
    }

    private static func order(
        _ image: ImageEvidence, _ environment: EnvironmentSpecification, _ service: ServiceSpecification
    ) -> [Refusal] {
        guard let before = environment.after, !image.succeededIn.contains(before) else { return [] }
        return [
            Refusal(
                .order, "no rollout of it has succeeded in \(before), which \(environment.name) comes after",
                remedy: "run `ingot deploy \(before) \(image.digest.short)` first")
        ]
    }

    /// Closed until approvals can be given: an environment that asks for one must not go without.
    private static func approval(_ environment: EnvironmentSpecification) -> [Refusal] {
        guard environment.requiresApproval else { return [] }
        return [
            Refusal(
                .approval, "\(environment.name) asks for an approval, and this version of Ingot can't record one yet",
                remedy: "if a deployment without a second person is acceptable, take `approval: required` out of ingot.yaml, in a commit")
        ]
    }
}
