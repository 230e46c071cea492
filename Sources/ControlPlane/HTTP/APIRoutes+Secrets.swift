import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addSecrets(to environment: Routes) {
        environment.get("secrets", .read) { _, context in try Answers.json(try await desk.secrets(of: try Questions.environment(context))) }
        environment.get("secrets/key", .read) { _, context in try Answers.json(try await desk.sealingKey(of: try Questions.environment(context))) }
        environment.post("secrets/refresh", .deploy) { request, context in
            let asked = try await Questions.body(SecretRefreshRequest.self, of: request)
            let id = try Questions.environment(context)
            return try Answers.json(try await desk.refreshSecrets(asked, of: id, by: context.actor))
        }
    }
}
