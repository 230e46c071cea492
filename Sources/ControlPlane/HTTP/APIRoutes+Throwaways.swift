import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addThrowaways(to throwaways: Routes) {
        throwaways.post("", .test) { request, context in
            let service = try Questions.parameter("service", ServiceName.self, context)
            let caller = try context.knownCaller()
            // Whoever does not wait for the answer never learns which instance to end: closing the connection cancels the start.
            let started = try await request.body.consumeWithCancellationOnInboundClose { body in
                var question = request
                question.body = body
                return try await desk.startThrowaway(try await Questions.body(ThrowawayRequest.self, of: question), of: service, by: caller)
            }
            return try Answers.json(started, status: .created)
        }
        throwaways.get(":instance", .test) { _, context in
            try Answers.json(ThrowawayState(ending: try await desk.parts.throwaways.ending(of: try await instance(context))))
        }
        throwaways.delete(":instance", .test) { _, context in
            try await desk.parts.throwaways.end(try await instance(context))
            return Answers.nothing
        }
        throwaways.put(":instance/frozen", .test) { request, context in
            let asked = try await Questions.body(ThrowawayFreeze.self, of: request)
            try await desk.parts.throwaways.setFrozen(asked.isFrozen, try await instance(context))
            return try Answers.json(asked)
        }
        throwaways.get(":instance/readiness", .test) { _, context in
            try Answers.json(ThrowawayReadiness(hindrance: try await desk.parts.throwaways.hindrance(of: try await instance(context))))
        }
        throwaways.get(":instance/writes", .test) { _, context in
            try Answers.json(try await desk.parts.throwaways.writes(of: try await instance(context)))
        }
    }

    /// One of the service that the path names, on which the asker has rights.
    private func instance(_ context: APIContext) async throws -> InstanceID {
        let id = try Questions.parameter("instance", InstanceID.self, context)
        try await desk.checkThrowaway(id, of: try Questions.parameter("service", ServiceName.self, context))
        return id
    }
}
