import API
import IngotModel
import Rollout

extension Deployments {
    /// Makes a release of what serves with the newest values of its secrets, when that is due, and has it rolled out by its own strategy.
    ///
    /// No gate is asked again: the image serves already. A hold does not stand in its way for the same reason; a lock, a rollout and a release set
    /// do. `RotationDecision` decides; what it would roll out is decided again in turn with deployments, which nothing else holds up.
    func rotateSecrets(
        in environment: EnvironmentID, isAsked: Bool, token: FencingToken? = nil, by actor: String
    ) async throws -> SecretRotationAnswer {
        if isAsked { try await locks.check(environment, token) }
        let decision = RotationDecision(try await rotationQuestion(environment, isAsked: isAsked).question)
        guard case .roll = decision else { return SecretRotationAnswer(decision: decision) }
        return try await inTurn {
            if isAsked { try await self.locks.check(environment, token) }
            return try await self.rotateNow(environment, isAsked: isAsked, by: actor)
        }
    }

    /// What is known now, and the release that serves.
    private func rotationQuestion(_ environment: EnvironmentID, isAsked: Bool) async throws -> (question: RotationQuestion, serving: Release?) {
        let controller = try controller(of: environment)
        let (_, specification) = try await specification(of: environment)
        let number = await controller.state.serving
        let serving = try await serving(number, of: environment)
        var question = RotationQuestion(
            rotation: specification.secretRefresh.rotation, serving: serving?.secretVersions,
            readings: try await secrets.readings(of: environment), isAsked: isAsked, now: store.clock.now())
        // Nearly always nothing has changed, and nothing more has to be known.
        guard RotationDecision(question) != .rest else { return (question, serving) }
        question.left = try await store.releases(of: environment, limit: Desk.releasesKept).filter { $0.number > number ?? $0.number }
            .map(\.secretVersions)
        question.hindrance = try await hindrance(to: controller, isAsked: isAsked)
        return (question, serving)
    }

    private func rotateNow(_ environment: EnvironmentID, isAsked: Bool, by actor: String) async throws -> SecretRotationAnswer {
        let (question, serving) = try await rotationQuestion(environment, isAsked: isAsked)
        let decision = RotationDecision(question)
        guard case .roll(let names) = decision, let serving else { return SecretRotationAnswer(decision: decision) }
        try await checkRejection(serving.image)
        let controller = try controller(of: environment)
        var draft = serving
        for reading in question.readings where names.contains(reading.name) { draft.secretVersions[reading.name] = reading.version }
        draft.createdAt = store.clock.now()
        draft.createdBy = actor
        let (release, pending) = try await store.createRotation(draft, of: names, from: serving.number, by: actor)
        await controller.take(pending, release: release)
        return SecretRotationAnswer(
            decision: decision,
            accepted: DeploymentAccepted(
                environment: environment, release: release.number, image: release.image, acceptedAt: pending.request.acceptedAt))
    }

    private func serving(_ number: ReleaseNumber?, of environment: EnvironmentID) async throws -> Release? {
        guard let number else { return nil }
        return try await release(number, of: environment)
    }

    private func hindrance(to controller: EnvironmentController, isAsked: Bool) async throws -> String? {
        if await controller.isMoving { return "a rollout is under way" }
        if let set = try await store.runningReleaseSets().first(where: { $0.environments.contains(controller.environment) }) {
            return "release set \(set.number) is under way"
        }
        // Of a person who asks it was looked whether the lock is theirs.
        guard !isAsked, let lock = await controller.status.lock else { return nil }
        return "it is locked by \(lock.holder): \(lock.reason)"
    }
}
