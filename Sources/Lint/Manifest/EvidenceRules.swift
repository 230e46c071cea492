import IngotModel
import Manifest

/// What a digest has to show before it gets traffic.
enum EvidenceRules {
    static let readiness = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 1, .warning, "No readiness path",
            because:
                "Without a path, a port that accepts connections counts as healthy: a service that answers every request with an error gets traffic.",
            fix: "Give `run.readiness.path`, an address that answers 200 only when the service can work.")
    ) { subject in
        subject.specification.run.readiness.path == nil ? [subject.hit("readiness is only an open port", at: "run.readiness")] : []
    }

    static let tests = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 2, .warning, "No tests",
            because: "Every digest may then run anywhere, whatever it does.",
            fix: "Add at least one entry under `test`: a stage of the Dockerfile, or a command against an instance.")
    ) { subject in subject.specification.tests.isEmpty ? [subject.hit("no digest has to pass a test", at: "test")] : [] }

    static let instanceTests = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 3, .note, "No test of what will run",
            because:
                "Stages test the source while it is built. That the finished image starts and answers is shown by a test against an instance of it.",
            fix: "Add a test with `run:`; `INGOT_URL` is the address of the instance.")
    ) { subject in
        let tests = subject.specification.tests
        let areStages = tests.allSatisfy { if case .stage = $0.kind { true } else { false } }
        return !tests.isEmpty && areStages ? [subject.hit("all tests are stages of the Dockerfile", at: "test")] : []
    }

    static let ownChecks = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 17, .note, "Not tested for being replaceable",
            because:
                "Whether a service keeps state, ends cleanly and tells the truth about its health shows in its first rollout under load, unless it is "
                + "tested before.",
            fix: "Add Ingot's own tests: `check: statelessness`, `check: graceful-stop`, `check: readiness`.")
    ) { subject in
        let checks = subject.specification.tests.compactMap { if case .check(let check) = $0.kind { check.word } else { nil } }
        let missing = ["statelessness", "graceful-stop", "readiness"].filter { !checks.contains($0) }
        return missing.isEmpty || subject.specification.tests.isEmpty
            ? [] : [subject.hit("there is no test of \(missing.joined(separator: ", "))", at: "test")]
    }

    static let needs = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 18, .note, "A test needs an image without a version",
            because:
                "What a test runs beside the service is then whatever has that name here today: the same digest may pass on one machine and fail on another.",
            fix: "Name a version, better a digest: `image: redis:7.2`.")
    ) { subject in
        subject.specification.tests.enumerated().flatMap { test in
            test.element.needs.enumerated().filter { BaseRules.isUnversioned($0.element.image) }.map { need in
                subject.hit("'\(need.element.image)' is whatever has that name", at: "test[\(test.offset)].needs[\(need.offset)].image")
            }
        }
    }

    static let gates = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 4, .note, "No gates",
            because: "Size and known vulnerabilities are looked at only where a limit is given.",
            fix: "Add `gates`, such as `gates: { vulnerabilities: { fail-at: high } }`.")
    ) { subject in
        subject.outline.has("gates") ? [] : [subject.hit("nothing is asked of a digest but its tests and that it holds no secret", at: "gates")]
    }

    static let order = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 5, .warning, "Production comes after nothing",
            because: "A digest may reach production without having run anywhere before.",
            fix: "Add `after:` with the environment that a digest has to pass first.")
    ) { subject in
        subject.production.filter { $0.after == nil }.map {
            subject.hit("'\($0.name)' takes digests that ran nowhere before", at: "environments.\($0.name)")
        }
    }

    static let rehearsal = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 6, .note, "The way to production is not rehearsed",
            because: "When the environment before production moves traffic another way, the first rollout of that kind is the one that counts.",
            fix: "Give the environment before production the same strategy.")
    ) { subject in
        subject.production.compactMap { environment in
            guard let before = environment.after.flatMap(subject.specification.environment), before.strategy.word != environment.strategy.word,
                before.name != subject.specification.environments.first?.name
            else { return nil }
            return subject.hit(
                "'\(before.name)' moves by \(before.strategy.word), '\(environment.name)' by \(environment.strategy.word)",
                at: "environments.\(before.name).strategy")
        }
    }
}

extension TestCheck {
    /// As it is written in `ingot.yaml`.
    fileprivate var word: String {
        switch self {
        case .statelessness: "statelessness"
        case .gracefulStop: "graceful-stop"
        case .readiness: "readiness"
        }
    }
}
