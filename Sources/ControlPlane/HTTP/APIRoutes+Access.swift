import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addAccess(to api: Routes) {
        let access = desk.access
        api.get("access/self", .read, on: .anything) { _, context in
            let caller = try context.knownCaller()
            return try Answers.json(AccessSelf(actor: caller.actor, grants: caller.rights.grants, limit: caller.rights.limit))
        }
        api.get("access/grants", .manageAccess) { _, _ in try Answers.json(try await access.store.allGrants()) }
        api.post("access/grants", .manageAccess) { request, context in
            let asked = try await Questions.body(GrantRequest.self, of: request)
            return try Answers.json(try await access.grant(asked, by: try context.knownCaller()), status: .created)
        }
        api.post("access/revocations", .manageAccess) { request, context in
            let asked = try await Questions.body(GrantRequest.self, of: request)
            return try Answers.json(try await access.revoke(asked, by: try context.knownCaller()))
        }
        // Whoever may do anything may have tokens of their own, which may do no more.
        api.get("tokens", .read, on: .anything) { _, context in try Answers.json(try await access.tokens(for: try context.knownCaller())) }
        api.post("tokens", .read, on: .anything) { request, context in
            let asked = try await Questions.body(TokenRequest.self, of: request)
            return try Answers.json(try await access.createToken(asked, by: try context.knownCaller()), status: .created)
        }
        api.delete("tokens/:token", .read, on: .anything) { _, context in
            let name = try Questions.parameter("token", TokenName.self, context)
            return try Answers.json(try await access.revokeToken(name, by: try context.knownCaller()))
        }
    }
}
