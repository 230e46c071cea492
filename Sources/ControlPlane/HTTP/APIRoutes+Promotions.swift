import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addPromotions(to environment: Routes) {
        let deployments = desk.deployments
        environment.post("promotions", .promote) { request, context in
            let asked = try await Questions.body(PromotionRequest.self, of: request)
            let id = try await desk.known(try Questions.environment(context))
            return try Answers.json(try await deployments.promote(asked, into: id, by: context.actor), status: .created)
        }
        environment.post("why", .read) { request, context in
            let asked = try await Questions.body(PromotionRequest.self, of: request)
            return try Answers.json(try await deployments.why(asked.reference, in: try await desk.known(try Questions.environment(context))))
        }
        environment.get("approvals", .read) { request, context in
            guard let image = try Questions.value("image", Digest.self, of: request) else {
                throw ControlError.invalid("say which image: ?image=sha256:…")
            }
            return try Answers.json(try await deployments.approvals(of: image, in: try await desk.known(try Questions.environment(context))))
        }
        environment.post("approvals", .approve) { request, context in
            let asked = try await Questions.body(ApprovalRequest.self, of: request)
            let id = try await desk.known(try Questions.environment(context))
            return try Answers.json(try await deployments.decide(asked, in: id, by: context.actor), status: .created)
        }
        environment.get("freeze", .read) { _, context in
            try Answers.json(try await deployments.freezeStatus(of: try await desk.known(try Questions.environment(context))))
        }
        environment.put("freeze", .freeze) { request, context in
            let asked = try await Questions.body(FreezeRequest.self, of: request)
            let id = try await desk.known(try Questions.environment(context))
            return try Answers.json(try await deployments.freeze(id, asked, by: context.actor))
        }
        environment.delete("freeze", .freeze) { _, context in
            let id = try await desk.known(try Questions.environment(context))
            return try Answers.json(try await deployments.thaw(id, by: context.actor))
        }
    }
}
