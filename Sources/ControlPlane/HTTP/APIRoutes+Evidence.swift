import API
import Hummingbird
import IngotModel

extension APIRoutes {
    func addEvidence(to api: Routes) {
        api.get("images/:image/evidence", .read, on: .anything) { _, context in
            let records = try await desk.store.evidence(for: try Questions.parameter("image", Digest.self, context))
            return try Answers.json(try context.knownCaller().readable(records) { .service($0.service) })
        }
    }

    func addPromotion(to environment: Routes) {
        environment.get("releases/:number/promotion", .read) { _, context in
            let id = try await desk.known(try Questions.environment(context))
            let number = ReleaseNumber(try Questions.number("number", context))
            guard let release = try await desk.store.release(number, of: id) else { throw ControlError.unknownRelease(number, of: id) }
            guard let promotion = try await desk.store.promotion(of: release) else {
                throw ControlError.notFound("promotion of release \(number) of \(id)")
            }
            return try Answers.json(promotion)
        }
    }
}
