import API
import HTTPTypes
import Hummingbird
import IngotModel
import Synchronization

/// The routes of the API, each a few lines between a question and an answer.
struct APIRoutes: Sendable {
    let desk: Desk

    func router(_ authentication: any Authentication) -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: ProblemMiddleware(answers: desk.answers))
        router.add(middleware: AuthenticationMiddleware(authentication: authentication))
        let access = desk.access
        for route in routes() {
            router.on(RouterPath(route.path), method: route.method) { request, context in try await route.answer(request, context, access) }
        }
        return router
    }

    func routes() -> [Route] {
        let table = RouteTable()
        // Prometheus looks for it there.
        Routes(in: table).get("metrics", .read) { _, _ in Answers.text(try await desk.metrics(), mediaType: PrometheusText.mediaType) }
        let api = Routes(ResourcePath.root, in: table)
        addDaemon(to: api)
        addServices(to: api.group("services"))
        addThrowaways(to: api.group("services/:service/throwaways"))
        addEnvironment(to: api.group("services/:service/environments/:environment"))
        addHistory(to: api.group("services/:service/environments/:environment"))
        addPromotion(to: api.group("services/:service/environments/:environment"))
        addPromotions(to: api.group("services/:service/environments/:environment"))
        addEvidence(to: api)
        addReleaseSets(to: api.group("release-sets"))
        addLock(to: api.group("services/:service/environments/:environment"))
        addSecrets(to: api.group("services/:service/environments/:environment"))
        addInstances(to: api.group("instances"))
        addEvents(to: api.group("events"))
        addAccess(to: api)
        return table.routes
    }

    private func addDaemon(to api: Routes) {
        api.get("health", .read, on: .anything) { _, _ in try Answers.json(await desk.health()) }
        api.post("rejections", .reject) { request, context in
            let asked = try await Questions.body(RejectionRequest.self, of: request)
            return try Answers.json(try await desk.deployments.reject(asked, by: context.actor))
        }
        api.post("acceptances", .reject) { request, context in
            let asked = try await Questions.body(AcceptanceRequest.self, of: request)
            return try Answers.json(try await desk.accept(asked, by: context.actor))
        }
        api.delete("rejections/:image", .reject) { _, context in
            let image = try Questions.parameter("image", Digest.self, context)
            return try Answers.json(try await desk.deployments.accept(image, by: context.actor))
        }
        api.post("garbage-collections", .collectGarbage) { _, context in try Answers.json(try await desk.collectGarbage(by: context.actor)) }
    }

    private func addServices(to services: Routes) {
        services.get("", .read, on: .anything) { _, context in
            let caller = try context.knownCaller()
            let services = try await desk.services().map { readable($0, by: caller) }
            return try Answers.json(services.filter { !$0.environments.isEmpty })
        }
        services.get(":service", .read) { _, context in try Answers.json(try await desk.service(try service(context))) }
        services.get(":service/specification", .read) { _, context in
            try Answers.json(try await desk.specification(of: try service(context)))
        }
        // What it takes depends on what changes: commands give it with each deployment, also for those who may change nothing.
        services.put(":service/specification", .read, on: .anything) { request, context in
            let specification = try await Questions.body(ServiceSpecification.self, of: request)
            guard specification.service == (try service(context)) else {
                throw ControlError.invalid("the specification is of service '\(specification.service)', which is not the path's")
            }
            try await desk.register(specification, by: try context.knownCaller())
            return try Answers.json(specification)
        }
        services.get(":service/evidence", .read) { request, context in
            guard let image = try Questions.value("image", Digest.self, of: request) else {
                throw ControlError.invalid("say which image: ?image=sha256:…")
            }
            return try Answers.json(try await desk.store.evidence(for: image, of: try service(context)))
        }
        services.post(":service/evidence", .test) { request, context in
            let evidence = try await Questions.body(TestEvidence.self, of: request)
            return try Answers.json(try await desk.add(evidence, to: try service(context), by: context.actor), status: .created)
        }
    }

    private func addEnvironment(to environment: Routes) {
        environment.get("", .read) { _, context in
            try Answers.json(try await desk.status(of: try await desk.controller(try Questions.environment(context))))
        }
        environment.get("explanation", .read) { _, context in
            try Answers.json(try await desk.explanation(of: try Questions.environment(context)))
        }
        environment.get("live", .read) { _, context in live(try await desk.controller(try Questions.environment(context))) }
        environment.post("deployments", .deploy) { request, context in
            let asked = try await Questions.body(DeploymentRequest.self, of: request)
            let accepted = try await desk.deployments.deploy(
                asked.reference, to: try Questions.environment(context), isAutomatic: asked.isAutomatic ?? false, token: asked.token,
                override: asked.overrideFreeze, by: context.actor)
            return try Answers.json(accepted, status: .accepted)
        }
        environment.post("rollback", .rollBack) { request, context in
            let asked = try await Questions.body(RollbackRequest.self, of: request)
            let accepted = try await desk.deployments.rollBack(try Questions.environment(context), to: asked.release, by: context.actor)
            return try Answers.json(accepted, status: .accepted)
        }
        environment.post("rollout", .deploy) { request, context in
            let asked = try await Questions.body(RolloutOrder.self, of: request)
            let id = try Questions.environment(context)
            try await desk.deployments.order(asked, in: id, by: context.actor)
            return try Answers.json(try await desk.controller(id).status, status: .accepted)
        }
        environment.put("scale", .deploy) { request, context in
            let asked = try await Questions.body(ScaleRequest.self, of: request)
            let id = try Questions.environment(context)
            try await desk.deployments.scale(id, to: asked.instances, token: asked.token, by: context.actor)
            return try Answers.json(try await desk.controller(id).status, status: .accepted)
        }
        environment.post("plan", .read) { request, context in
            let asked = try await Questions.body(DeploymentRequest.self, of: request)
            return try Answers.json(try await desk.deployments.plan(asked.reference, in: try Questions.environment(context)))
        }
        environment.get("logs", .read) { request, context in try await logs(request, try Questions.environment(context)) }
    }

    private func addHistory(to environment: Routes) {
        environment.get("releases", .read) { _, context in
            try Answers.json(try await desk.store.releases(of: try await desk.known(try Questions.environment(context))))
        }
        environment.get("releases/:number", .read) { _, context in
            let id = try await desk.known(try Questions.environment(context))
            let number = ReleaseNumber(try Questions.number("number", context))
            guard let release = try await desk.store.release(number, of: id) else { throw ControlError.unknownRelease(number, of: id) }
            return try Answers.json(release)
        }
        environment.get("rollouts", .read) { _, context in
            try Answers.json(try await desk.store.rollouts(of: try await desk.known(try Questions.environment(context))))
        }
        environment.get("rollouts/:number", .read) { _, context in
            let id = try await desk.known(try Questions.environment(context))
            let number = Generation(try Questions.number("number", context))
            guard let record = try await desk.store.rollout(number, of: id) else {
                throw ControlError.notFound("rollout \(number) of \(id) that has ended")
            }
            return try Answers.json(record)
        }
    }

    private func addInstances(to instances: Routes) {
        instances.get("", .read, on: .anything) { _, context in try Answers.json(try await readableInstances(context)) }
        instances.get(":instance", .read, on: .anything) { _, context in
            let id = try Questions.parameter("instance", InstanceID.self, context)
            guard let instance = try await readableInstances(context).first(where: { $0.id == id }) else {
                throw ControlError.notFound("instance \(id)")
            }
            return try Answers.json(instance)
        }
    }

    private func addEvents(to events: Routes) {
        events.get("", .read, on: .anything) { request, context in
            let after = try Questions.count("after", of: request)
            let limit = try Questions.count("limit", of: request) ?? 100
            let environment = try Questions.value("environment", EnvironmentID.self, of: request)
            try await requireEvents(of: environment, context)
            return try Answers.json(try await desk.store.events(after: after, limit: limit, environment: environment))
        }
        events.get("live", .read) { request, _ in try await liveEvents(after: try Questions.count("after", of: request)) }
        events.get("verification", .read) { _, _ in try Answers.json(try await desk.store.verifyEvents()) }
    }

    private func readableInstances(_ context: APIContext) async throws -> [InstanceDetails] {
        try context.knownCaller().readable(try await desk.instances()) { .environment($0.environment) }
    }

    /// Events of one environment are read with that; those of all, by who may read everything.
    private func requireEvents(of environment: EnvironmentID?, _ context: APIContext) async throws {
        try await desk.access.require(.read, in: environment.map(AccessScope.environment) ?? .everything, of: try context.knownCaller())
    }

    /// Without the environments that the caller may not read.
    private func readable(_ status: ServiceStatus, by caller: Caller) -> ServiceStatus {
        var status = status
        status.environments = caller.readable(status.environments) { .environment($0.environment) }
        return status
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
