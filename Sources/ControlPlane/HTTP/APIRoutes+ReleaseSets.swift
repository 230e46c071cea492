import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addReleaseSets(to sets: RouterGroup<APIContext>) {
        sets.get { _, _ in try Answers.json(try await desk.sets.statuses()) }
        sets.post { request, context in
            let asked = try await Questions.body(ReleaseSetRequest.self, of: request)
            return try Answers.json(try await desk.sets.accept(asked, by: await context.actor), status: .accepted)
        }
        sets.post("plan") { request, _ in
            try Answers.json(try await desk.sets.plan(try await Questions.body(ReleaseSetRequest.self, of: request)))
        }
        sets.get(":number") { _, context in try Answers.json(try await desk.sets.status(of: try number(context))) }
        sets.get(":number/live") { _, context in liveSet(try await desk.sets.known(try number(context)).number) }
        sets.post(":number/orders") { request, context in
            let asked = try await Questions.body(ReleaseSetOrder.self, of: request)
            return try Answers.json(try await desk.sets.order(asked, try number(context), by: await context.actor), status: .accepted)
        }
    }

    private func number(_ context: APIContext) throws -> ReleaseSetNumber { ReleaseSetNumber(try Questions.number("number", context)) }

    /// Everything that changes a set makes an event, so those are what it is looked at again for.
    private func liveSet(_ number: ReleaseSetNumber) -> Response {
        LiveBody.changes(wakes: LiveWakes.make(on: desk.store.newEvents.listen())) { try await desk.sets.status(of: number) }
    }
}
