import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addReleaseSets(to sets: Routes) {
        sets.get("", .read, on: .anything) { _, context in
            let caller = try context.knownCaller()
            return try Answers.json(try await desk.sets.statuses().filter { set in set.members.allSatisfy { mayRead($0.environment, caller) } })
        }
        sets.post("", .deploy, on: .anything) { request, context in
            let asked = try await Questions.body(ReleaseSetRequest.self, of: request)
            try await require(.deploy, in: environments(of: asked), context)
            return try Answers.json(try await desk.sets.accept(asked, by: context.actor), status: .accepted)
        }
        sets.post("plan", .read, on: .anything) { request, context in
            let asked = try await Questions.body(ReleaseSetRequest.self, of: request)
            try await require(.read, in: environments(of: asked), context)
            return try Answers.json(try await desk.sets.plan(asked))
        }
        sets.get(":number", .read, on: .anything) { _, context in
            try Answers.json(try await desk.sets.status(of: try await permitted(.read, context)))
        }
        sets.get(":number/live", .read, on: .anything) { _, context in liveSet(try await permitted(.read, context)) }
        sets.post(":number/orders", .rollBack, on: .anything) { request, context in
            let asked = try await Questions.body(ReleaseSetOrder.self, of: request)
            return try Answers.json(try await desk.sets.order(asked, try await permitted(.rollBack, context), by: context.actor), status: .accepted)
        }
    }

    /// The set that the path names, once the asker may do this in every member's environment.
    private func permitted(_ permission: Permission, _ context: APIContext) async throws -> ReleaseSetNumber {
        let set = try await desk.sets.known(ReleaseSetNumber(try Questions.number("number", context)))
        try await require(permission, in: Array(set.environments), context)
        return set.number
    }

    private func require(_ permission: Permission, in environments: [EnvironmentID], _ context: APIContext) async throws {
        for environment in environments { try await desk.access.require(permission, in: .environment(environment), of: try context.knownCaller()) }
    }

    private func environments(of asked: ReleaseSetRequest) -> [EnvironmentID] {
        asked.specification.members.map { EnvironmentID(service: $0.service, environment: asked.environment) }
    }

    private func mayRead(_ environment: EnvironmentID, _ caller: Caller) -> Bool {
        caller.rights.allow(.read, in: .environment(environment), isProduction: false)
    }

    /// Everything that changes a set makes an event, so those are what it is looked at again for.
    private func liveSet(_ number: ReleaseSetNumber) -> Response {
        LiveBody.changes(wakes: LiveWakes.make(on: desk.store.newEvents.listen())) { try await desk.sets.status(of: number) }
    }
}
