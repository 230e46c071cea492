import API
import IngotModel
import Rollout

extension Deployments {
    /// Makes a release of what serves with the newest values of its secrets, when that is due, and has it rolled out by its own strategy.
    ///
    /// No gate is asked again: the image serves already. A hold does not stand in its way for the same reason; a lock, a rollout and a release set
    /// do. `RotationDecision` decides, in turn with deployments.
    func rotateSecrets(
        in environment: EnvironmentID, isAsked: Bool, token: FencingToken? = nil, by actor: String
    ) async throws -> SecretRotationAnswer {
        try await inTurn {
            if isAsked { try await self.locks.check(environment, token) }
            return try await self.rotateNow(environment, isAsked: isAsked, by: actor)
        }
    }

    private func rotateNow(_ environment: EnvironmentID, isAsked: Bool, by actor: String) async throws -> SecretRotationAnswer {
        let controller = try controller(of: environment)
        let (_, specification) = try await specification(of: environment)
        let number = await controller.state.serving
        let serving = try await serving(number, of: environment)
        let readings = try await secrets.readings(of: environment)
        let decision = RotationDecision(
            RotationQuestion(
                rotation: specification.secretRefresh.rotation, serving: serving?.secretVersions, readings: readings,
                left: try await store.releases(of: environment, limit: Desk.releasesKept).filter { $0.number > number ?? $0.number }
                    .map(\.secretVersions),
                hindrance: try await hindrance(to: controller, isAsked: isAsked), isAsked: isAsked, now: store.clock.now()))
        guard case .roll(let names) = decision, let serving else { return SecretRotationAnswer(decision: decision) }
        try await checkRejection(serving.image)
        var draft = serving
        for reading in readings where names.contains(reading.name) { draft.secretVersions[reading.name] = reading.version }
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
