import API
import Gates
import IngotModel

extension Deployments {
    /// Asks every gate, with the verdicts of those that read the image, and puts these on record.
    ///
    /// - Parameter override: why, in spite of a freeze.
    /// - Returns: the promotion, with all that was known of the image.
    /// - Throws: `gates.refused`, after an event, when one of them says no.
    func promote(
        _ image: ImageFacts, _ verdicts: [GateVerdict], into environment: EnvironmentSpecification, of service: ServiceSpecification,
        override: String?, by actor: String
    ) async throws -> Promotion {
        let id = EnvironmentID(service: service.service, environment: environment.name)
        let tests = try await store.evidence(for: image.digest, of: service.service)
        try await store.record([ExaminedImage(verdicts: verdicts, places: [ImagePlace(environment: id)])], of: service.service)
        let situation = try await situation(of: image.digest, in: environment, of: service, asker: actor, override: override)
        let gates = try await standings(of: image, tests, verdicts, environment, service, situation)
        guard let refused = GateError.refused(image.digest, in: id, by: gates.flatMap(\.refusals)) else {
            return Promotion(
                actor: actor, evidence: tests, verdicts: verdicts, gates: gates, overrideFreeze: situation.freeze == nil ? nil : override)
        }
        try await recordRefusal(of: image.digest, in: id, gates, by: actor)
        throw refused
    }

    private func recordRefusal(of image: Digest, in environment: EnvironmentID, _ gates: [GateStanding], by actor: String) async throws {
        try await store.record([
            EventDraft(
                .promotionRefused, by: actor, environment: environment, image: image,
                "image \(image.short) refused: \(gates.flatMap(\.refusals).map(\.message).joined(separator: "; "))")
        ])
    }

    /// How the gates stand now, for whoever may ask; nothing is recorded.
    func standings(
        of image: ImageFacts, in environment: EnvironmentSpecification, of service: ServiceSpecification
    ) async throws -> [GateStanding] {
        let tests = try await store.evidence(for: image.digest, of: service.service)
        let verdicts = try await examinations.verdicts(on: image.digest, of: service)
        let situation = try await situation(of: image.digest, in: environment, of: service, asker: nil, override: nil)
        return try await standings(of: image, tests, verdicts, environment, service, situation)
    }

    private func standings(
        of image: ImageFacts, _ tests: [TestEvidence], _ verdicts: [GateVerdict], _ environment: EnvironmentSpecification,
        _ service: ServiceSpecification, _ situation: PromotionSituation
    ) async throws -> [GateStanding] {
        var successes: [EnvironmentName: Timestamp] = [:]
        if let before = environment.after,
            let at = try await store.lastSuccess(of: image.digest, in: EnvironmentID(service: service.service, environment: before))
        {
            successes[before] = at
        }
        let rejection = try await store.rejection(of: image.digest)
        return PromotionPolicy.standings(
            of: ImageEvidence(image, tests: tests, verdicts: verdicts, successes: successes, rejection: rejection), in: environment, of: service,
            situation)
    }

    /// What stands beside the image: people, keys, and the calendar.
    func situation(
        of image: Digest, in environment: EnvironmentSpecification, of service: ServiceSpecification, asker: String?, override: String?
    ) async throws -> PromotionSituation {
        let id = EnvironmentID(service: service.service, environment: environment.name)
        var situation = PromotionSituation(now: store.clock.now(), asker: asker, override: override)
        situation.authors = try await store.authors(of: image, for: service.service)
        situation.approvals = try await store.approvals(of: image, in: id)
        situation.freeze = Freezes.inForce(environment.promotion.freezes, placed: try await store.freeze(of: id), at: situation.now)
        let keys = SignaturePolicy.keys(of: environment.promotion)
        guard !keys.isEmpty else { return situation }
        do { situation.signed = try await examinations.gates.signed(about: image, keys: keys) } catch {
            situation.unreadable = ErrorReport(error).message
        }
        return situation
    }

    /// How the gates stand that a release is asked for that is there. It has passed them all; what people have decided since, and the calendar, hold
    /// for it too.
    func readmission(
        of release: Release, asker: String?, override: String?
    ) async throws -> (gates: [GateStanding], freeze: FreezeInForce?) {
        let (service, environment) = try await specification(of: release.environment)
        let situation = try await situation(of: release.image, in: environment, of: service, asker: asker, override: override)
        var gates = [ApprovalPolicy.rejections(of: release.image, in: release.environment, environment, situation)]
        if situation.freeze != nil { gates.append(FreezePolicy.standing(of: release.image, in: release.environment, environment, situation)) }
        return (gates, situation.freeze)
    }

    /// Lets a release that is there be deployed again.
    ///
    /// - Throws: `gates.refused`, after an event.
    func readmit(_ release: Release, override: String?, by actor: String) async throws {
        let override = try Self.reason(override)
        let (gates, freeze) = try await readmission(of: release, asker: actor, override: override)
        if let refused = GateError.refused(release.image, in: release.environment, by: gates.flatMap(\.refusals)) {
            try await recordRefusal(of: release.image, in: release.environment, gates, by: actor)
            throw refused
        }
        guard freeze != nil else { return }
        try await store.record([
            .freezeOverridden(of: release.environment, for: release.image, release: release.number, reason: override ?? "", by: actor)
        ])
    }
}
