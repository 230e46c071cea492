public import IngotModel

/// Whether a digest may be promoted into an environment.
///
/// Pure. What is unknown counts as missing: a gate never opens because nobody looked. Rolling back to a release
/// that ran before is not a promotion, and asks nobody.
public enum PromotionPolicy {
    /// How every gate stands that this environment has, in the order in which a person would clear them.
    public static func standings(
        of image: ImageEvidence, in environment: EnvironmentSpecification, of service: ServiceSpecification, _ situation: PromotionSituation
    ) -> [GateStanding] {
        let ages = environment.promotion.maximumAges
        let id = EnvironmentID(service: service.service, environment: environment.name)
        var standings = [rejection(image), commit(image, environment)]
        standings += service.gates.gates.map { examination($0, of: image, within: ages.scan, at: situation.now) }
        if !service.tests.isEmpty { standings.append(tests(image, service.tests, within: ages.tests, at: situation.now)) }
        if let before = environment.after { standings.append(order(image, before, environment, ages.rollout, situation.now)) }
        if !environment.promotion.signatures.isEmpty {
            standings.append(SignaturePolicy.standing(of: image.digest, by: environment.promotion.signatures, situation))
        }
        if let approval = ApprovalPolicy.gate(of: image.digest, in: id, environment, situation) { standings.append(approval) }
        if situation.freeze != nil || !environment.promotion.freezes.isEmpty {
            standings.append(FreezePolicy.standing(of: image.digest, in: id, environment, situation))
        }
        return standings
    }

    /// Every gate that says no; empty when the image may run.
    public static func refusals(
        image: ImageEvidence, environment: EnvironmentSpecification, service: ServiceSpecification, _ situation: PromotionSituation
    ) -> [Refusal] {
        standings(of: image, in: environment, of: service, situation).flatMap(\.refusals)
    }

    private static func rejection(_ image: ImageEvidence) -> GateStanding {
        guard let reason = image.rejection else { return GateStanding(.rejection, facts: [.init("nobody has rejected it")]) }
        return GateStanding(
            .rejection,
            objections: [
                .init(
                    "it was rejected: \(reason)",
                    remedy: "deploy another image; `ingot image accept \(image.digest.short)` takes the rejection back")
            ])
    }

    private static func commit(_ image: ImageEvidence, _ environment: EnvironmentSpecification) -> GateStanding {
        let commit = image.commit.map { "commit \($0.prefix(12))" } ?? "no commit is known"
        let fact = GateStanding.Fact(image.isDirty ? "\(commit), with uncommitted changes" : commit)
        guard environment.isProduction, image.isDirty else { return GateStanding(.commit, facts: [fact]) }
        return GateStanding(
            .commit, facts: [fact],
            objections: [
                .init(
                    "it was built from a tree with uncommitted changes, and \(environment.name) takes committed ones only",
                    remedy: "commit the changes, then `ingot build` and deploy the image of that commit")
            ])
    }

    /// A gate without a verdict on this very digest stays closed.
    private static func examination(
        _ gate: GateVerdict.Gate, of image: ImageEvidence, within age: Milliseconds?, at now: Timestamp
    ) -> GateStanding {
        let remedy = "see what it says with `ingot scan \(image.digest.short)`"
        guard let verdict = image.verdicts.first(where: { $0.gate == gate && $0.image == image.digest }) else {
            return GateStanding(GateStanding.Gate(gate), objections: [.init("the gate '\(gate.rawValue)' has not looked at it", remedy: remedy)])
        }
        let tooOld = EvidenceAge(age).objection(to: "what the gate '\(gate.rawValue)' said", at: verdict.examinedAt, now: now, remedy: remedy)
        return GateStanding(
            GateStanding.Gate(gate), facts: [.init(verdict.summary, by: verdict.scanner, at: verdict.examinedAt)],
            objections: verdict.objections + tooOld)
    }

    private static func tests(
        _ image: ImageEvidence, _ tests: [TestSpecification], within age: Milliseconds?, at now: Timestamp
    ) -> GateStanding {
        var standing = GateStanding(.tests)
        for test in tests {
            let run = image.testRuns[test.name]
            if image.failedTests.contains(test.name) {
                standing.facts.append(.init("'\(test.name)' failed", by: run?.by, at: run?.at))
                standing.objections.append(
                    .init("test '\(test.name)' failed for it", remedy: "mend what the tests found, commit, and run `ingot up` again"))
            } else if image.passedTests.contains(test.name) {
                standing.facts.append(.init("'\(test.name)' passed", by: run?.by, at: run?.at))
                standing.objections += EvidenceAge(age).objection(
                    to: "the result of test '\(test.name)'", at: run?.at, now: now, remedy: "run `ingot test run`, which tests the image again")
            } else {
                standing.objections.append(
                    .init("test '\(test.name)' has not run with it", remedy: "run `ingot up`, which runs the tests"))
            }
        }
        return standing
    }

    private static func order(
        _ image: ImageEvidence, _ before: EnvironmentName, _ environment: EnvironmentSpecification, _ age: Milliseconds?, _ now: Timestamp
    ) -> GateStanding {
        let remedy = "run `ingot deploy \(before) \(image.digest.short)` first"
        guard image.succeededIn.contains(before) else {
            return GateStanding(
                .order,
                objections: [.init("no rollout of it has succeeded in \(before), which \(environment.name) comes after", remedy: remedy)])
        }
        let at = image.successes[before]?.at
        return GateStanding(
            .order, facts: [.init("a rollout of it succeeded in \(before)", at: at)],
            objections: EvidenceAge(age).objection(to: "its rollout in \(before)", at: at, now: now, remedy: remedy))
    }
}
