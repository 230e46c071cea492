import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addLock(to environment: Routes) {
        let locks = desk.deployments.locks
        environment.post("lock", .deploy) { request, context in
            let asked = try await Questions.body(LockRequest.self, of: request)
            let id = try await desk.known(try Questions.environment(context))
            let actor = context.actor
            // In turn with deployments: what was let through before stands before the lock.
            let grant = try await desk.deployments.inTurn { try await locks.acquire(asked, of: id, by: actor) }
            return try Answers.json(grant, status: .created)
        }
        environment.put("lock/:token", .deploy) { _, context in
            let id = try await desk.known(try Questions.environment(context))
            return try Answers.json(try await locks.renew(try Self.token(context), of: id))
        }
        environment.delete("lock/:token", .deploy) { _, context in
            try await locks.release(try Self.token(context), of: try await desk.known(try Questions.environment(context)))
            return Answers.nothing
        }
        environment.delete("lock", .deploy) { _, context in
            let id = try await desk.known(try Questions.environment(context))
            return try Answers.json(try await locks.unlock(id, by: context.actor))
        }
    }

    private static func token(_ context: APIContext) throws -> FencingToken { FencingToken(try Questions.number("token", context)) }
}
