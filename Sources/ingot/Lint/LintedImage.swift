import API
import Client
import Gates
import ImageStore
import IngotModel
import Lint

/// Gathers what is known about an image: from the store, from ingot.yaml, and from the daemon where it runs.
struct LintedImage {
    let options: GlobalOptions
    let sources: LintSources

    /// - Returns: what was looked at, and what was found.
    func findings(_ reference: String) async throws -> (digest: Digest, subjects: Set<LintRule.Subject>, findings: [LintFinding]) {
        let store = try options.store()
        let image = try store.image(store.digest(of: reference))
        var subject = try ImageSubject.of(image, in: store, now: Clock.now)
        guard let specification = sources.specification else { return (image.digest, [.image], subject.findings()) }
        subject.apply(specification)
        subject.requiredTests = specification.tests.map(\.name)
        let (placed, runs) = await ask(specification.service, about: image, &subject)
        let details = Self.details(runs)
        let findings = subject.findings() + SnowflakeRule.findings(placed) + InstanceSubject(image: image.digest, details: details).findings()
        return (image.digest, details.isEmpty ? [.image] : [.image, .instance], findings)
    }

    /// What the daemon has on record. That it could not be asked is a finding: an untested digest looks the same then.
    private func ask(
        _ service: ServiceName, about image: Image, _ subject: inout ImageSubject
    ) async -> (placed: [PlacedImage], runs: [TestEvidence]) {
        do {
            let services = try await options.client.services()
            guard let status = services.first(where: { $0.service == service }) else {
                subject.evidence = ImageEvidence(digest: image.digest, isDirty: image.isDirty)
                return ([], [])
            }
            let runs = try await options.client.evidence(for: image.digest, of: service)
            subject.evidence = Self.evidence(image, runs)
            return (Self.placed(status), runs)
        } catch {
            subject.unknowns.append("the daemon could not be asked about its tests and where it runs: \(error)")
            return ([], [])
        }
    }

    /// What the tests recorded, the oldest first. Runs of before times were kept are older than all others.
    static func details(_ runs: [TestEvidence]) -> [TestDetails] {
        let first = Timestamp(millisecondsSince1970: .min)
        return runs.sorted { $0.at ?? first < $1.at ?? first }.compactMap(\.details)
    }

    /// The daemon tells of each test its last run.
    static func evidence(_ image: Image, _ runs: [TestEvidence]) -> ImageEvidence {
        ImageEvidence(
            digest: image.digest, isDirty: image.isDirty, passedTests: Set(runs.filter(\.passed).map(\.test)),
            failedTests: Set(runs.filter { !$0.passed }.map(\.test)))
    }

    /// What serves in each environment.
    static func placed(_ status: ServiceStatus) -> [PlacedImage] {
        let serving = status.environments.compactMap { environment in
            environment.serving.map { (environment.environment.environment, $0.image, $0.commit) }
        }
        return Dictionary(grouping: serving) { $0.1 }.map { digest, places in
            PlacedImage(digest: digest, revision: places.first?.2, environments: places.map(\.0))
        }
    }
}
