import API
import Gates
import IngotModel

extension Deployments {
    /// Asks every gate, with the verdicts of those that read the image, and puts these on record.
    ///
    /// - Returns: the promotion, with all that was known of the image.
    /// - Throws: `gates.refused`, after an event, when one of them says no.
    func promote(
        _ image: ImageFacts, _ verdicts: [GateVerdict], into environment: EnvironmentSpecification, of service: ServiceSpecification,
        by actor: String
    ) async throws -> Promotion {
        let id = EnvironmentID(service: service.service, environment: environment.name)
        let tests = try await store.evidence(for: image.digest, of: service.service)
        try await store.record([ExaminedImage(verdicts: verdicts, places: [ImagePlace(environment: id)])], of: service.service)
        let refusals = try await refusals(of: image, tests, verdicts, environment, service)
        guard let refused = GateError.refused(image.digest, in: id, by: refusals) else {
            return Promotion(actor: actor, evidence: tests, verdicts: verdicts)
        }
        try await store.record([
            EventDraft(
                .promotionRefused, by: actor, environment: id, image: image.digest,
                "image \(image.digest.short) refused: \(refusals.map(\.message).joined(separator: "; "))")
        ])
        throw refused
    }

    /// What the gates say now; nothing is recorded.
    func refusals(
        of image: ImageFacts, in environment: EnvironmentSpecification, of service: ServiceSpecification
    ) async throws -> [Refusal] {
        let tests = try await store.evidence(for: image.digest, of: service.service)
        let verdicts = try await examinations.verdicts(on: image.digest, of: service)
        return try await refusals(of: image, tests, verdicts, environment, service)
    }

    private func refusals(
        of image: ImageFacts, _ tests: [TestEvidence], _ verdicts: [GateVerdict], _ environment: EnvironmentSpecification,
        _ service: ServiceSpecification
    ) async throws -> [Refusal] {
        var succeeded: Set<EnvironmentName> = []
        if let before = environment.after,
            try await store.hasSucceeded(image.digest, in: EnvironmentID(service: service.service, environment: before))
        {
            succeeded.insert(before)
        }
        return PromotionPolicy.refusals(
            image: ImageEvidence(
                image, tests: tests, verdicts: verdicts, succeededIn: succeeded, rejection: try await store.rejection(of: image.digest)),
            environment: environment, service: service)
    }
}
