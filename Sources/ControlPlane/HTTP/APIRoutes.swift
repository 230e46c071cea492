import API
import HTTPTypes
import Hummingbird
import IngotModel
import Synchronization

/// The routes of the API, each a few lines between a question and an answer.
struct APIRoutes: Sendable {
    let desk: Desk

    func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: ProblemMiddleware(answers: desk.answers))
        router.get("/metrics") { _, _ in Answers.text(try await desk.metrics(), mediaType: PrometheusText.mediaType) }
        let api = router.group(RouterPath(ResourcePath.root))
        addDaemon(to: api)
        addServices(to: api.group("services"))
        addThrowaways(to: api.group("services/:service/throwaways"))
        addEnvironment(to: api.group("services/:service/environments/:environment"))
        addHistory(to: api.group("services/:service/environments/:environment"))
        addPromotion(to: api.group("services/:service/environments/:environment"))
        addEvidence(to: api)
        addReleaseSets(to: api.group("release-sets"))
        addLock(to: api.group("services/:service/environments/:environment"))
        addSecrets(to: api.group("services/:service/environments/:environment"))
        addInstances(to: api.group("instances"))
        addEvents(to: api.group("events"))
        return router
    }

    private func addDaemon(to api: RouterGroup<APIContext>) {
        api.get("health") { _, _ in try Answers.json(await desk.health()) }
        api.post("rejections") { request, context in
            let asked = try await Questions.body(RejectionRequest.self, of: request)
            return try Answers.json(try await desk.deployments.reject(asked, by: await context.actor))
        }
        api.delete("rejections/:image") { _, context in
            let image = try Questions.parameter("image", Digest.self, context)
            return try Answers.json(try await desk.deployments.accept(image, by: await context.actor))
        }
        api.post("garbage-collections") { _, context in try Answers.json(try await desk.collectGarbage(by: await context.actor)) }
    }

    private func addServices(to services: RouterGroup<APIContext>) {
        services.get { _, _ in try Answers.json(try await desk.services()) }
        services.get(":service") { _, context in try Answers.json(try await desk.service(try service(context))) }
        services.get(":service/specification") { _, context in
            try Answers.json(try await desk.specification(of: try service(context)))
        }
        services.put(":service/specification") { request, context in
            let specification = try await Questions.body(ServiceSpecification.self, of: request)
            guard specification.service == (try service(context)) else {
                throw ControlError.invalid("the specification is of service '\(specification.service)', which is not the path's")
            }
            try await desk.register(specification, by: await context.actor)
            return try Answers.json(specification)
        }
        services.get(":service/evidence") { request, context in
            guard let image = try Questions.value("image", Digest.self, of: request) else {
                throw ControlError.invalid("say which image: ?image=sha256:…")
            }
            return try Answers.json(try await desk.store.evidence(for: image, of: try service(context)))
        }
        services.post(":service/evidence") { request, context in
            let evidence = try await Questions.body(TestEvidence.self, of: request)
            return try Answers.json(try await desk.add(evidence, to: try service(context), by: await context.actor), status: .created)
        }
    }

    private func addEnvironment(to environment: RouterGroup<APIContext>) {
        environment.get { _, context in try Answers.json(try await desk.status(of: try await desk.controller(try Questions.environment(context)))) }
        environment.get("explanation") { _, context in
            try Answers.json(try await desk.explanation(of: try Questions.environment(context)))
        }
        environment.get("live") { _, context in live(try await desk.controller(try Questions.environment(context))) }
        environment.post("deployments") { request, context in
            let asked = try await Questions.body(DeploymentRequest.self, of: request)
            let accepted = try await desk.deployments.deploy(
                asked.reference, to: try Questions.environment(context), isAutomatic: asked.isAutomatic ?? false, token: asked.token,
                by: await context.actor)
            return try Answers.json(accepted, status: .accepted)
        }
        environment.post("rollback") { request, context in
            let asked = try await Questions.body(RollbackRequest.self, of: request)
            let accepted = try await desk.deployments.rollBack(try Questions.environment(context), to: asked.release, by: await context.actor)
            return try Answers.json(accepted, status: .accepted)
        }
        environment.post("rollout") { request, context in
            let asked = try await Questions.body(RolloutOrder.self, of: request)
            let id = try Questions.environment(context)
            try await desk.deployments.order(asked, in: id, by: await context.actor)
            return try Answers.json(try await desk.controller(id).status, status: .accepted)
        }
        environment.put("scale") { request, context in
            let asked = try await Questions.body(ScaleRequest.self, of: request)
            let id = try Questions.environment(context)
            try await desk.deployments.scale(id, to: asked.instances, token: asked.token, by: await context.actor)
            return try Answers.json(try await desk.controller(id).status, status: .accepted)
        }
        environment.post("plan") { request, context in
            let asked = try await Questions.body(DeploymentRequest.self, of: request)
            return try Answers.json(try await desk.deployments.plan(asked.reference, in: try Questions.environment(context)))
        }
        environment.get("logs") { request, context in try await logs(request, try Questions.environment(context)) }
    }

    private func addHistory(to environment: RouterGroup<APIContext>) {
        environment.get("releases") { _, context in
            try Answers.json(try await desk.store.releases(of: try await desk.known(try Questions.environment(context))))
        }
        environment.get("releases/:number") { _, context in
            let id = try await desk.known(try Questions.environment(context))
            let number = ReleaseNumber(try Questions.number("number", context))
            guard let release = try await desk.store.release(number, of: id) else { throw ControlError.unknownRelease(number, of: id) }
            return try Answers.json(release)
        }
        environment.get("rollouts") { _, context in
            try Answers.json(try await desk.store.rollouts(of: try await desk.known(try Questions.environment(context))))
        }
        environment.get("rollouts/:number") { _, context in
            let id = try await desk.known(try Questions.environment(context))
            let number = Generation(try Questions.number("number", context))
            guard let record = try await desk.store.rollout(number, of: id) else {
                throw ControlError.notFound("rollout \(number) of \(id) that has ended")
            }
            return try Answers.json(record)
        }
    }

    private func addInstances(to instances: RouterGroup<APIContext>) {
        instances.get { _, _ in try Answers.json(try await desk.instances()) }
        instances.get(":instance") { _, context in
            let id = try Questions.parameter("instance", InstanceID.self, context)
            guard let instance = try await desk.instances().first(where: { $0.id == id }) else { throw ControlError.notFound("instance \(id)") }
            return try Answers.json(instance)
        }
    }

    private func addEvents(to events: RouterGroup<APIContext>) {
        events.get { request, _ in
            let after = try Questions.count("after", of: request)
            let limit = try Questions.count("limit", of: request) ?? 100
            let environment = try Questions.value("environment", EnvironmentID.self, of: request)
            return try Answers.json(try await desk.store.events(after: after, limit: limit, environment: environment))
        }
        events.get("live") { request, _ in try await liveEvents(after: try Questions.count("after", of: request)) }
        events.get("verification") { _, _ in try Answers.json(try await desk.store.verifyEvents()) }
    }

    private func service(_ context: APIContext) throws -> ServiceName { try Questions.parameter("service", ServiceName.self, context) }

    // MARK: Live

    private func live(_ controller: EnvironmentController) -> Response {
        LiveBody.changes(wakes: LiveWakes.make(on: controller.listen())) { try await desk.status(of: controller) }
    }

    private func liveEvents(after: Int?) async throws -> Response {
        let wakes = LiveWakes.make(on: desk.store.newEvents.listen())
        let newest = try await desk.store.events(after: nil, limit: 1).last?.sequence ?? 0
        let position = Mutex(after ?? newest)
        return LiveBody.response(wakes: wakes) {
            var events: [Event] = []
            while true {
                let page = try await desk.store.events(after: position.withLock { $0 }, limit: Limits.eventsPerPage)
                guard let last = page.last else { return events }
                position.withLock { $0 = last.sequence }
                events += page
                if page.count < Limits.eventsPerPage { return events }
            }
        }
    }

    private func logs(_ request: Request, _ environment: EnvironmentID) async throws -> Response {
        let environment = try await desk.known(environment)
        let tail = min(try Questions.count("tail", of: request) ?? 100, Limits.logLines)
        let isFollowing = request.uri.queryParameters["follow"].map { $0 == "true" } ?? false
        let lines = desk.parts.instances.logs(
            of: environment, instance: try Questions.value("instance", InstanceID.self, of: request), tail: tail, follow: isFollowing)
        return LiveBody.response(LiveItems.make(of: lines))
    }
}
