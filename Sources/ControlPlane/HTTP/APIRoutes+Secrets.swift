import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addSecrets(to environment: RouterGroup<APIContext>) {
        environment.get("secrets") { _, context in try Answers.json(try await desk.secrets(of: try Questions.environment(context))) }
        environment.get("secrets/key") { _, context in try Answers.json(try await desk.sealingKey(of: try Questions.environment(context))) }
        environment.post("secrets/refresh") { request, context in
            let asked = try await Questions.body(SecretRefreshRequest.self, of: request)
            let id = try Questions.environment(context)
            return try Answers.json(try await desk.refreshSecrets(asked, of: id, by: await context.actor))
        }
    }
}
