import API
import Gates
import IngotModel

extension Release {
    /// The release that an image makes with an environment's settings. Its number is given when it is stored. Pure.
    init(
        of image: ImageFacts, in environment: EnvironmentSpecification, service: ServiceSpecification, secretVersions: [String: Digest],
        at: Timestamp, by actor: String
    ) {
        self.init(
            environment: EnvironmentID(service: service.service, environment: environment.name), number: ReleaseNumber(0), image: image.digest,
            commit: image.commit, isDirty: image.isDirty, instances: environment.instances, run: service.run, host: environment.host,
            configuration: environment.configuration, secretVersions: secretVersions, strategy: environment.strategy,
            timing: environment.timing, analysis: environment.analysis, hooks: environment.hooks,
            signatures: StartPolicy.demands(of: environment.promotion.signatures), createdAt: at, createdBy: actor)
    }

    /// Whether another release would behave the same: all is equal but the number, and when and by whom it was made.
    func hasSameContent(as other: Release) -> Bool {
        var other = other
        other.number = number
        other.createdAt = createdAt
        other.createdBy = createdBy
        return self == other
    }
}

extension EnvironmentSpecification {
    /// - Throws: when a key of configuration has no value here.
    func checkConfiguration(_ keys: [String], of service: ServiceName) throws {
        let missing = keys.filter { configuration[$0] == nil }
        guard missing.isEmpty else {
            throw ControlError(
                "configuration-missing", "\(service)/\(name) gives no value for \(missing.sorted().joined(separator: ", "))",
                remedy: "add it under environments.\(name).configuration in ingot.yaml")
        }
    }
}

extension ImageEvidence {
    init(
        _ image: ImageFacts, tests: [TestEvidence], verdicts: [GateVerdict], successes: [EnvironmentName: Timestamp], rejection: String?
    ) {
        let runs = tests.map { ($0.test, Origin(at: $0.at, by: $0.by)) }
        self.init(
            digest: image.digest, commit: image.commit, isDirty: image.isDirty, verdicts: verdicts,
            passedTests: Set(tests.filter(\.passed).map(\.test)), failedTests: Set(tests.filter { !$0.passed }.map(\.test)),
            testRuns: Dictionary(runs) { _, last in last }, succeededIn: Set(successes.keys), successes: successes.mapValues { Origin(at: $0) },
            rejection: rejection)
    }
}
