// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import Gates
import IngotModel
import Testing

@Suite struct PromotionPolicyTests {
    static let digest = Digest(hex: String(repeating: "a", count: 64))!
    static let dev = environment("dev")
    static let staging = environment("staging", after: "dev")
    static let production = environment("production", after: "staging", isProduction: true)

    static let tooLarge = GateVerdict.Objection("it has 501 MiB; gates.size.fail-at allows 500 MiB", remedy: "make it smaller")
    static let verdicts = [GateVerdict.Gate.size, .secrets].map {
        GateVerdict($0, of: digest, at: Timestamp(secondsSince1970: 0), objections: [], summary: "")
    }

    @Test("an image with all it needs may run")
    func opens() {
        #expect(refusals(.complete, Self.production).isEmpty)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout ImageEvidence) -> Void
        var environment: EnvironmentSpecification
        var gates: [Refusal.Gate]
        var says: String
    }

    @Test(
        "a gate that misses something says what",
        arguments: [
            Case(
                testDescription: "dirty", change: { $0.isDirty = true }, environment: production, gates: [.commit],
                says: "it was built from a tree with uncommitted changes, and production takes committed ones only"),
            Case(
                testDescription: "too large", change: { $0.verdicts[0].objections = [tooLarge] }, environment: dev, gates: [.size],
                says: "it has 501 MiB; gates.size.fail-at allows 500 MiB"),
            Case(
                testDescription: "not searched for secrets", change: { $0.verdicts.removeLast() }, environment: dev, gates: [.secrets],
                says: "the gate 'secrets' has not looked at it"),
            Case(
                testDescription: "another image was examined", change: { $0.verdicts[1].image = Digest(hex: String(repeating: "b", count: 64))! },
                environment: dev, gates: [.secrets], says: "the gate 'secrets' has not looked at it"),
            Case(
                testDescription: "not tested", change: { $0.passedTests = [] }, environment: dev, gates: [.tests],
                says: "test 'unit' has not run with it"),
            Case(
                testDescription: "failed", change: { $0.failedTests = ["unit"] }, environment: dev, gates: [.tests],
                says: "test 'unit' failed for it"),
            Case(
                testDescription: "another test passed", change: { $0.passedTests = ["smoke"] }, environment: dev, gates: [.tests],
                says: "test 'unit' has not run with it"),
            Case(
                testDescription: "skipped an environment", change: { $0.succeededIn = [EnvironmentName("dev")!] },
                environment: production, gates: [.order],
                says: "no rollout of it has succeeded in staging, which production comes after"),
            Case(
                testDescription: "approval", change: { _ in }, environment: environment("production", needsApproval: true),
                gates: [.approval], says: "production asks for an approval, and nobody has approved it"),
            Case(
                testDescription: "everything at once",
                change: { $0 = ImageEvidence(digest: digest, isDirty: true) },
                environment: environment("production", after: "staging", isProduction: true, needsApproval: true),
                gates: [.commit, .size, .secrets, .tests, .order, .approval],
                says: "it was built from a tree with uncommitted changes, and production takes committed ones only"),
        ])
    func refuses(_ example: Case) {
        var evidence = ImageEvidence.complete
        example.change(&evidence)
        let refusals = refusals(evidence, example.environment)
        #expect(refusals.map(\.gate) == example.gates)
        #expect(refusals.first?.message == example.says)
        #expect(refusals.allSatisfy { !$0.remedy.isEmpty })
    }

    @Test("a dirty image may run where it is not production")
    func dirtyInDevelopment() {
        var evidence = ImageEvidence.complete
        evidence.isDirty = true
        #expect(refusals(evidence, Self.staging).isEmpty)
    }

    @Test("the error tells every refusal, and each remedy once")
    func error() throws {
        let refusals = refusals(ImageEvidence(digest: Self.digest, isDirty: false, verdicts: Self.verdicts), Self.staging)
        let id = EnvironmentID(service: ServiceName("shop")!, environment: EnvironmentName("staging")!)
        let report = ErrorReport(try #require(GateError.refused(Self.digest, in: id, by: refusals)))
        #expect(
            report.lines == [
                "image aaaaaaaaaaaa may not run in shop/staging",
                "  because: test 'unit' has not run with it",
                "  because: no rollout of it has succeeded in dev, which staging comes after",
                "  to do: run `ingot up`, which runs the tests; run `ingot deploy dev aaaaaaaaaaaa` first",
            ])
        #expect(report.fault == .gate)
        #expect(GateError.refused(Self.digest, in: id, by: []) == nil)
    }

    @Test("a vulnerability gate that is set must have looked")
    func vulnerabilities() {
        var service = Self.service
        service.gates.vulnerabilities = VulnerabilityPolicy()
        let refusals = PromotionPolicy.refusals(image: .complete, environment: Self.dev, service: service, PromotionSituation(now: Self.now))
        #expect(refusals.map(\.gate) == [.vulnerabilities])
    }

    @Test("of many things to do the first few are told")
    func manyRemedies() throws {
        let refusals = (0..<30).map { Refusal(.vulnerabilities, "package \($0)", remedy: "raise \($0)") }
        let id = EnvironmentID(service: ServiceName("shop")!, environment: EnvironmentName("staging")!)
        let lines = ErrorReport(try #require(GateError.refused(Self.digest, in: id, by: refusals))).lines
        #expect(lines.last == "  to do: raise 0; raise 1; raise 2; raise 3; raise 4; for the rest see `ingot why aaaaaaaaaaaa shop/staging`")
    }

    private func refusals(_ evidence: ImageEvidence, _ environment: EnvironmentSpecification) -> [Refusal] {
        PromotionPolicy.refusals(image: evidence, environment: environment, service: Self.service, PromotionSituation(now: Self.now))
    }

    // MARK: Ages

    private static let now = Timestamp(text: "2026-11-26T12:00:00Z")!
    private static let hour = Milliseconds.minutes(60)

    /// Evidence of an age, in an environment that takes none older than an hour.
    private func aged(_ age: Milliseconds?) -> [GateStanding] {
        let at = age.map { Self.now + (0 - $0) }
        var evidence = ImageEvidence.complete
        evidence.testRuns = ["unit": .init(at: at, by: "user:ada")]
        evidence.successes = [EnvironmentName("dev")!: .init(at: at)]
        if let at { for index in evidence.verdicts.indices { evidence.verdicts[index].examinedAt = at } }
        var environment = Self.staging
        environment.promotion.maximumAges = EvidenceAges(tests: Self.hour, scan: Self.hour, rollout: Self.hour)
        return PromotionPolicy.standings(of: evidence, in: environment, of: Self.service, PromotionSituation(now: Self.now))
    }

    @Test("evidence of the greatest age is good; a millisecond older, or of a time to come, is not")
    func ages() {
        #expect(aged(Self.hour).allSatisfy(\.isOpen) && aged(0).allSatisfy(\.isOpen))
        let old = aged(Self.hour + 1).filter { !$0.isOpen }
        #expect(old.map(\.gate) == [.size, .secrets, .tests, .order])
        #expect(old.last?.objections.map(\.message) == ["its rollout in dev is 1h old, and may be 1h old at most"])
        #expect(aged(0 - 1).filter { !$0.isOpen }.map(\.gate) == [.size, .secrets, .tests, .order])
    }

    @Test("evidence of an unknown time is too old where there is a greatest age, and else good")
    func unknownAge() {
        let unknown = aged(nil).filter { [.tests, .order].contains($0.gate) }
        #expect(
            unknown.flatMap(\.objections).map(\.message)
                == [
                    "the result of test 'unit' is of an unknown time, and may be 1h old at most",
                    "its rollout in dev is of an unknown time, and may be 1h old at most",
                ])
        #expect(refusals(.complete, Self.staging).isEmpty)
    }

    @Test("each gate says what is known, by whom and since when")
    func facts() {
        let standings = aged(60_000)
        #expect(standings.map(\.gate) == [.rejection, .commit, .size, .secrets, .tests, .order])
        #expect(standings[4].facts == [.init("'unit' passed", by: "user:ada", at: Self.now + (0 - 60_000))])
    }

    static let service = ServiceSpecification(
        service: ServiceName("shop")!, image: ImageSource(dockerfile: "Dockerfile", context: "."),
        tests: [TestSpecification(name: "unit", kind: .stage("test"), deadline: .minutes(10))],
        gates: GatePolicy(largestSize: .mebibytes(500)),
        run: RunSettings(
            port: 8080,
            readiness: Readiness(path: "/", startInterval: 10, interval: 1_000, timeout: 2_000, rise: 2, fall: 3),
            stopGrace: .seconds(30), resources: Resources(memory: .mebibytes(256), milliCPU: 500, processes: 512)),
        environments: [dev, staging, production])

    static func environment(
        _ name: String, after: String? = nil, isProduction: Bool = false, needsApproval: Bool = false
    ) -> EnvironmentSpecification {
        EnvironmentSpecification(
            name: EnvironmentName(name)!, after: after.flatMap { EnvironmentName($0) }, requiresApproval: needsApproval,
            isProduction: isProduction, instances: 1, host: "\(name).shop.localhost", configuration: [:], strategy: .blueGreen,
            timing: RolloutTiming(soak: 0, progressDeadline: .minutes(10), drain: .seconds(30), warm: .seconds(60)))
    }
}

extension ImageEvidence {
    fileprivate static let complete = ImageEvidence(
        digest: PromotionPolicyTests.digest, isDirty: false, verdicts: PromotionPolicyTests.verdicts, passedTests: ["unit"],
        succeededIn: [EnvironmentName("dev")!, EnvironmentName("staging")!])
}
