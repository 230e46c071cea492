import IngotModel

/// What the gates that read images said for one request, before its turn.
struct Judgements: Sendable {
    struct Judgement: Sendable {
        var image: Digest
        var policy: GatePolicy
        var verdicts: Result<[GateVerdict], any Error>
    }

    /// Where the request stands in the order in which they came.
    var place: Int
    var byEnvironment: [EnvironmentID: Judgement] = [:]

    /// - Throws: `JudgementOutdated` when something else was judged; else what went wrong when the gates were asked.
    func verdicts(on image: Digest, by policy: GatePolicy, in environment: EnvironmentID) throws -> [GateVerdict] {
        guard let judgement = byEnvironment[environment], judgement.image == image, judgement.policy == policy else { throw JudgementOutdated() }
        return try judgement.verdicts.get()
    }
}

/// Another image or another policy has come since the gates were asked.
struct JudgementOutdated: Error {}

extension Deployments {
    /// How often the gates are asked for one request.
    private static let mostJudgements = 5

    /// As `inTurn`, with what the gates say of the images that these references name. They are asked before the turn, since reading an image
    /// can take minutes, and others must not wait for it; a rollback least of all. If something else is to be judged by then, they are asked
    /// again.
    func inTurn<Answer: Sendable>(
        judging references: [EnvironmentID: String], isAutomatic: Bool, place: Int,
        _ body: @escaping @Sendable (Judgements) async throws -> Answer
    ) async throws -> Answer {
        for _ in 0..<Self.mostJudgements {
            let judgements = try await judgements(on: references, isAutomatic: isAutomatic, place: place)
            // Before the turn, since a source may be slow, too.
            for (environment, reference) in references where (try? Self.releaseNumber(reference)) == nil { try await readSecrets(of: environment) }
            do { return try await inTurn { try await body(judgements) } } catch is JudgementOutdated { continue }
        }
        throw ControlError(
            "image-moves", "another image or policy came each time that the gates had been asked",
            remedy: "name the image by its digest, or ask again when nothing changes any more", kind: .conflict)
    }

    /// An environment that is not known is refused in the turn.
    private func readSecrets(of environment: EnvironmentID) async throws {
        guard let specification = try await store.specification(of: environment.service)?.environment(environment.environment) else { return }
        try await secrets.refresh(environment, specification.secrets, isUrgent: true)
    }

    private func judgements(on references: [EnvironmentID: String], isAutomatic: Bool, place: Int) async throws -> Judgements {
        var judgements = Judgements(place: place)
        for (environment, reference) in references.sorted(by: { $0.key < $1.key }) {
            judgements.byEnvironment[environment] = try await judgement(on: reference, for: environment, isAutomatic: isAutomatic)
        }
        return judgements
    }

    /// `nil` where no gate is to be asked: for a release, and for what is not known or is held, which is refused in the turn.
    private func judgement(on reference: String, for environment: EnvironmentID, isAutomatic: Bool) async throws -> Judgements.Judgement? {
        guard (try? Self.releaseNumber(reference)) == nil, let service = try await store.specification(of: environment.service),
            service.environment(environment.environment) != nil, let digest = (try? await image(reference, of: environment.service))?.digest
        else { return nil }
        if isAutomatic, try await store.hold(of: digest, in: environment) != nil { return nil }
        do {
            let verdicts = try await examinations.verdicts(on: digest, of: service)
            return Judgements.Judgement(image: digest, policy: service.gates, verdicts: .success(verdicts))
        } catch {
            return Judgements.Judgement(image: digest, policy: service.gates, verdicts: .failure(error))
        }
    }
}
