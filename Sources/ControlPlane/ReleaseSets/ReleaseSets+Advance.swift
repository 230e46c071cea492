import API
import IngotModel
import Logging
import Rollout

extension ReleaseSets {
    /// One pass over one set: what is seen, what is decided, what is stored, and only then what is handed on. The daemon may die between
    /// any two of them: the requests stand in the database beside the set, and whoever comes next takes them up from there.
    func advance(_ number: ReleaseSetNumber) async throws {
        let before = try await known(number)
        guard before.isRunning else { return }
        let observations = try await observe(before)
        var after = before
        let now = store.clock.now()
        let plan = after.state.advance(observations, now: now)
        after.add(plan.decided, at: now)
        guard after != before else { return }
        let change = try await change(from: before, to: after, plan, at: now)
        try await store.save(change)
        for (pending, release) in change.requests { await controllers[release.environment]?.take(pending, release: release) }
        for (environment, command) in change.commands { await controllers[environment]?.take(command) }
        for decision in plan.decided {
            logger.info("\(decision.what)", metadata: ["set": "\(number)", "service": "\(decision.service?.name ?? "all")"])
        }
    }

    private func change(
        from before: ReleaseSetRecord, to after: ReleaseSetRecord, _ plan: ReleaseSetPlan, at now: Timestamp
    ) async throws -> ReleaseSetChange {
        let events = ReleaseSetEvents.changes(from: before, to: after, decided: plan.decided, by: EventDraft.daemon)
        var change = ReleaseSetChange(before: before, after: after, events: events, at: now)
        for order in plan.orders {
            switch order {
            case .abort(let service, let reason): change.commands.append((after.id(of: service), .abort(reason: reason)))
            case .request(let service, let request):
                let release = try await deployments.release(request.release, of: after.id(of: service))
                change.requests.append((PendingRequest(request: request, actor: after.actor), release))
                if request.kind == .rollback { change.holds += try await holds(of: service, after, for: release) }
            }
        }
        return change
    }

    /// As with a person's rollback: nothing brings back by itself what was gone away from.
    private func holds(
        of service: ServiceName, _ record: ReleaseSetRecord, for release: Release
    ) async throws -> [(environment: EnvironmentID, image: Digest)] {
        guard let left = record.state.members.first(where: { $0.service == service })?.release,
            let image = try await store.release(left, of: release.environment)?.image, image != release.image
        else { return [] }
        return [(release.environment, image)]
    }

    // MARK: Observing

    private func observe(_ record: ReleaseSetRecord) async throws -> [ServiceName: MemberObservation] {
        var observations: [ServiceName: MemberObservation] = [:]
        for member in record.state.members { observations[member.service] = try await observe(member, in: record.id(of: member.service)) }
        return observations
    }

    /// In this order: a request becomes a rollout and then a record, so whatever goes on meanwhile is seen at least once.
    private func observe(_ member: ReleaseSetState.Member, in environment: EnvironmentID) async throws -> MemberObservation? {
        guard let controller = controllers[environment] else { return nil }
        let hasUntakenCommands = await controller.hasUntakenCommands
        let pending = await controller.pending
        let state = await controller.state
        return MemberObservation(
            serving: state.serving, moving: pending?.request ?? state.rollout?.request, hasUntakenCommands: hasUntakenCommands,
            deployment: try await ending(of: member.deployment, in: environment),
            rollback: try await ending(of: member.rollback, in: environment), refusal: try await refusal(of: member.release, environment),
            refusalBefore: try await refusal(of: member.before, environment))
    }

    private func ending(of order: ReleaseSetState.Order?, in environment: EnvironmentID) async throws -> MemberObservation.Ending? {
        guard let order, let record = try await store.rollout(of: order.request, in: environment) else { return nil }
        let outcome: MemberObservation.Ending.Outcome =
            switch record.result {
            case .succeeded: .succeeded
            case .returned: .returned(reason: record.reason ?? "")
            case .superseded: .superseded
            }
        return MemberObservation.Ending(rollout: record.number, outcome: outcome)
    }

    private func refusal(of number: ReleaseNumber?, _ environment: EnvironmentID) async throws -> String? {
        guard let number, let release = try await store.release(number, of: environment) else { return nil }
        return try await store.rejection(of: release.image).map { "image \(release.image.short) was rejected: \($0)" }
    }
}
