import API
import Client
import Gates
import ImageBuild
import ImageStore
import IngotModel
import Lint

/// Gathers what is known about a service, from wherever it is on record.
struct AssessedService {
    let specification: ServiceSpecification
    let service: ServiceOptions
    let options: GlobalOptions
    /// The image that was named; `nil` for the one that serves.
    let reference: String?

    func facts() async throws -> AssessmentFacts {
        var facts = AssessmentFacts(
            service: specification.service, now: Clock.now, hasReadinessPath: specification.run.readiness.path != nil)
        let sources = try LintSources(service.manifestPath, options, isNeeded: true)
        facts.brokenRules = LintReport(subjects: [], findings: sources.findings(), exemptions: sources.exemptions).brokenRules
        facts.files = await files()
        let status = await unlessAway("what runs", &facts) {
            try await options.client.services().first { $0.service == specification.service }
        }
        if let status = status ?? nil { await add(status, to: &facts) }
        try await addImage(serving: (status ?? nil).flatMap(serving), sources, to: &facts)
        return facts
    }

    private func files() async -> AssessmentFacts.Files {
        let source = specification.image
        let names = [service.file, source.dockerfile] + (LocalFile.exists("\(service.folder)/.dockerignore") ? [".dockerignore"] : [])
        let control = await VersionControl.of(names, in: service.folder)
        return AssessmentFacts.Files(commit: control.commit, committedAt: control.committedAt, strays: control.strays)
    }

    // MARK: The daemon

    /// What the daemon answers; `nil` when it does not, which is told.
    private func unlessAway<Answer: Sendable>(
        _ what: String, _ facts: inout AssessmentFacts, _ ask: () async throws -> Answer
    ) async -> Answer? {
        do { return try await ask() } catch {
            facts.unknowns.append("the daemon did not say \(what): \(error)")
            return nil
        }
    }

    private func isProduction(_ name: EnvironmentName) -> Bool { specification.environment(name)?.isProduction ?? (name.name == "production") }

    private func add(_ status: ServiceStatus, to facts: inout AssessmentFacts) async {
        for environment in status.environments {
            let name = environment.environment.environment
            let records = await unlessAway("the rollouts in \(name)", &facts) { try await options.client.rollouts(of: environment.environment) }
            facts.rollouts += (records ?? []).map { AssessmentFacts.Rollout($0, in: name, isProduction: isProduction(name)) }
            let line = await unlessAway("what instances in \(name) printed", &facts) { try await lastLine(of: environment.environment) }
            facts.lastLogLine = [facts.lastLogLine, line ?? nil].compactMap { $0 }.max()
            guard isProduction(name), let serving = environment.serving else { continue }
            let fleet = environment.fleets.first { $0.release == serving.number }
            facts.add(healthyInstances: fleet?.instances.count { $0.health == .up } ?? 0)
        }
        facts.rollouts.sort { $0.endedAt > $1.endedAt }
    }

    private func lastLine(of environment: EnvironmentID) async throws -> Timestamp? {
        var last: Timestamp?
        for try await line in options.client.logs(of: environment, tail: 1) { last = max(last ?? line.at, line.at) }
        return last
    }

    /// What serves in production, or in the last environment where something does.
    private func serving(_ status: ServiceStatus) -> Digest? {
        let serving = status.environments.compactMap { environment in environment.serving.map { (environment.environment.environment, $0.image) } }
        return serving.first { isProduction($0.0) }?.1 ?? serving.last?.1
    }

    // MARK: The image

    private func addImage(serving: Digest?, _ sources: LintSources, to facts: inout AssessmentFacts) async throws {
        guard LocalFile.exists("\(options.rootFolder)/store") || reference != nil else {
            return facts.unknowns.append("there is no image store in \(options.rootFolder)")
        }
        let store = try options.store()
        let named = try reference.map { try store.digest(of: $0) }
        guard let digest = try named ?? serving ?? store.resolve(specification.service.name) else { return }
        let image = try store.image(digest)
        var subject = try ImageSubject.of(image, in: store, now: facts.now)
        subject.apply(specification)
        let broken = LintReport(subjects: [], findings: subject.findings(), exemptions: sources.exemptions).brokenRules
        await addEvidence(about: digest, to: &facts)
        let provenance = provenance(of: digest, in: store, &facts)
        facts.image = AssessmentFacts.ImageFacts(subject, broken: broken, provenance: provenance)
    }

    /// Its tests, and what the gate made of its vulnerabilities.
    private func addEvidence(about image: Digest, to facts: inout AssessmentFacts) async {
        let records = await unlessAway("what is on record about the image", &facts) { try await options.client.evidence(for: image) }
        guard let record = records?.first(where: { $0.service == specification.service }) else { return }
        facts.scan = record.verdicts.first { $0.gate == .vulnerabilities }.map { AssessmentFacts.Finding($0) }
        for run in Self.counted(record.tests, of: specification) {
            guard let details = run.details else { continue }
            facts.add(details, passed: run.passed, words: run.ending ?? (run.passed ? "it passed" : "it failed"), at: run.at)
        }
    }

    /// What a test has said that ingot.yaml does not have any more is nobody's demand.
    static func counted(_ runs: [TestEvidence], of specification: ServiceSpecification) -> [TestEvidence] {
        let names = Set(specification.tests.map(\.name))
        return runs.filter { names.contains($0.test) }
    }

    /// What statements beside the image say of how it was built; nothing when there are too many to read, which is told.
    private func provenance(of image: Digest, in store: ImageStore, _ facts: inout AssessmentFacts) -> [ProvenanceClaim] {
        do { return try store.provenance(of: image) } catch {
            facts.unknowns.append("how the image was built could not be read: \(error)")
            return []
        }
    }
}

extension AssessmentFacts.Finding {
    init(_ verdict: GateVerdict) { self.init(isGood: verdict.passes, words: verdict.summary, at: verdict.examinedAt) }
}

extension AssessmentFacts.Rollout {
    init(_ record: RolloutRecord, in environment: EnvironmentName, isProduction: Bool) {
        self.init(
            environment: environment, isProduction: isProduction, image: record.image, isRollback: record.kind == "rollback",
            hasSucceeded: record.result == .succeeded, hasReturned: record.result == .returned,
            requests: record.proof.releases.reduce(0) { $0 + $1.served.requests }, cut: record.proof.releases.reduce(0) { $0 + $1.served.cut },
            endedAt: record.endedAt)
    }
}

extension AssessmentFacts.ImageFacts {
    init(_ subject: ImageSubject, broken: Set<String>, provenance: [ProvenanceClaim]) {
        let image = subject.image
        let isOfIngot = provenance.contains(where: \.isOfIngot)
        // Another builder need not say what an image stands on.
        let withoutBase: Bool? = isOfIngot ? false : nil
        self.init(
            digest: image.digest, commit: image.revision, isDirty: image.isDirty,
            created: image.configuration.created.flatMap { Timestamp(text: $0) }, createdIsOfCommit: isOfIngot, hasProvenance: !provenance.isEmpty,
            packages: subject.bill.packages.count, billIsComplete: subject.bill.problems.isEmpty,
            secretsAreComplete: subject.secrets.problems.isEmpty, brokenRules: broken,
            hasBase: subject.base != nil ? true : withoutBase, baseCreated: subject.base?.created)
    }
}
