import API
import Gates
import ImageStore
import IngotModel
import Rollout

/// Turns a wish into a promotion, a release and a request, or refuses it. One at a time, so that two equal wishes at once
/// make one release.
actor Deployments {
    let store: ControlStore
    private let images: any ImageCatalog
    let examinations: Examinations
    let secrets: SecretReadings
    let controllers: Controllers
    let locks: Locks
    let tags: EnvironmentTags
    private var turn = Task<Void, Never> {}
    /// How many deployments and rollbacks were asked for.
    private var asked = 0
    /// Of each environment's last rollback, which of them it was.
    private var lastRollback: [EnvironmentID: Int] = [:]

    init(
        store: ControlStore, images: any ImageCatalog, examinations: Examinations, secrets: SecretReadings, controllers: Controllers, locks: Locks
    ) {
        self.store = store
        self.images = images
        self.examinations = examinations
        self.secrets = secrets
        self.controllers = controllers
        self.locks = locks
        tags = EnvironmentTags(store: store, images: images)
    }

    /// - Parameters:
    ///   - isAutomatic: whether no person chose this image for this environment.
    ///   - token: the lock that it is asked under.
    ///   - override: why, in spite of a freeze.
    func deploy(
        _ reference: String, to environment: EnvironmentID, isAutomatic: Bool = false, token: FencingToken? = nil, override: String? = nil,
        by actor: String
    ) async throws -> DeploymentAccepted {
        let place = nextPlace()
        try await locks.check(environment, token)
        return try await inTurn(judging: [environment: reference], isAutomatic: isAutomatic, place: place) { judgements in
            try await self.locks.check(environment, token)
            return try await self.deployNow(reference, to: environment, isAutomatic: isAutomatic, judgements, override: override, by: actor)
        }
    }

    func rollBack(_ environment: EnvironmentID, to release: ReleaseNumber?, by actor: String) async throws -> DeploymentAccepted {
        let place = nextPlace()
        return try await inTurn {
            let accepted = try await self.rollBackNow(environment, to: release, by: actor)
            await self.noteRollback(place, of: environment)
            return accepted
        }
    }

    /// Where a request stands in the order in which they came.
    func nextPlace() -> Int {
        asked += 1
        return asked
    }

    private func noteRollback(_ place: Int, of environment: EnvironmentID) { lastRollback[environment] = place }

    /// Who rolls back does not want what was asked for before, also when its image was still examined.
    func checkOvertaken(_ place: Int, _ environment: EnvironmentID) throws {
        guard lastRollback[environment, default: 0] > place else { return }
        throw ControlError(
            "overtaken", "\(environment) was rolled back after this was asked for",
            remedy: "see 'ingot history \(environment.environment)'; ask again if it is wanted all the same", kind: .conflict)
    }

    /// Begins when all that was asked before has ended.
    func inTurn<Answer: Sendable>(_ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        let before = turn
        let task = Task {
            await before.value
            return try await body()
        }
        turn = Task { _ = try? await task.value }
        return try await task.value
    }

    // MARK: Deploying

    private func deployNow(
        _ reference: String, to environment: EnvironmentID, isAutomatic: Bool, _ judgements: Judgements, override: String?, by actor: String
    ) async throws -> DeploymentAccepted {
        try checkOvertaken(judgements.place, environment)
        _ = try await specification(of: environment)
        if let number = try Self.releaseNumber(reference) {
            let release = try await release(number, of: environment)
            try await checkRejection(release.image)
            try await readmit(release, override: override, by: actor)
            return try await request(.deploy, release, by: actor, hold: .lift(release.image))
        }
        let (draft, promotion) = try await admit(
            reference, to: environment, isAutomatic: isAutomatic, judgements, override: override, by: actor)
        // A person who names an image wants it; one that the gates refuse stays held.
        return try await move(to: draft, promotion: promotion, hold: isAutomatic ? nil : .lift(draft.image))
    }

    /// What an image becomes in an environment, when neither a hold nor a gate stands in its way.
    ///
    /// - Throws: `JudgementOutdated` when it is another image, or another policy, than the gates were asked about.
    func admit(
        _ reference: String, to environment: EnvironmentID, isAutomatic: Bool, _ judgements: Judgements, override: String? = nil,
        by actor: String
    ) async throws -> (draft: Release, promotion: Promotion) {
        let (service, specification) = try await self.specification(of: environment)
        let image = try await image(reference, of: environment.service)
        if isAutomatic { try await checkHold(image.digest, in: environment) }
        let verdicts = try judgements.verdicts(on: image.digest, by: service.gates, in: environment)
        let promotion = try await promote(image, verdicts, into: specification, of: service, override: try Self.reason(override), by: actor)
        // Of the image that was judged: the reference may name another by now.
        return (try await draft(of: image, in: specification, service: service, by: actor), promotion)
    }

    /// Moves to a release with this content: to one that is there already if it is the present one, else to a new one.
    private func move(to draft: Release, promotion: Promotion, hold: HoldChange?) async throws -> DeploymentAccepted {
        let environment = draft.environment
        let controller = try controller(of: environment)
        let state = await controller.state
        let wished = await controller.pending?.request.release ?? state.rollout?.release
        for number in [wished, state.serving].compactMap({ $0 }) {
            if let release = try await store.release(number, of: environment), release.hasSameContent(as: draft) {
                if let reason = promotion.overrideFreeze {
                    try await store.record([
                        .freezeOverridden(of: environment, for: release.image, release: number, reason: reason, by: promotion.actor)
                    ])
                }
                return try await request(.deploy, release, by: promotion.actor, hold: hold)
            }
        }
        let (release, pending) = try await store.create(draft, promotion: promotion, hold: hold, acceptedAt: store.clock.now())
        await controller.take(pending, release: release)
        return Self.accepted(release, at: pending.request.acceptedAt)
    }

    /// A tag of the service need not name it: `1.4.0` is `shop:1.4.0`.
    ///
    /// - Throws: `unknown-image`; `store.tag-latest`, since what `latest` meant is known to nobody afterwards.
    func image(_ reference: String, of service: ServiceName? = nil) async throws -> ImageFacts {
        if service != nil { try TagPolicy.checkReference(reference) }
        var digest = try await images.resolve(reference)
        if digest == nil, let service { digest = try await images.resolve("\(service):\(reference)") }
        guard let digest, let facts = try await images.facts(of: digest) else {
            throw ControlError(
                "unknown-image", "no image is named '\(reference.prefix(200))'",
                remedy: "see 'ingot image list' for those that are here, or build it with 'ingot build'", kind: .notFound)
        }
        return facts
    }

    /// `release:7` names a release, anything else an image.
    static func releaseNumber(_ reference: String) throws -> ReleaseNumber? {
        let prefix = "release:"
        guard reference.hasPrefix(prefix) else { return nil }
        guard let number = Int(reference.dropFirst(prefix.count)), number > 0 else {
            throw ControlError.invalid("'\(reference.prefix(200))' is not a release: write release: and its number, as in release:7")
        }
        return ReleaseNumber(number)
    }

    /// The release that a reference stands for now: one that is there, or what would become of an image.
    private func draft(_ reference: String, in environment: EnvironmentID, by actor: String) async throws -> Release {
        if let number = try Self.releaseNumber(reference) { return try await release(number, of: environment) }
        let (service, specification) = try await self.specification(of: environment)
        return try await draft(of: try await image(reference, of: environment.service), in: specification, service: service, by: actor)
    }

    private func draft(
        of image: ImageFacts, in specification: EnvironmentSpecification, service: ServiceSpecification, by actor: String
    ) async throws -> Release {
        try specification.checkConfiguration(service.run.configurationKeys, of: service.service)
        let id = EnvironmentID(service: service.service, environment: specification.name)
        let versions = try await secrets.versions(of: service.run.secretNames, in: specification, of: id)
        return Release(of: image, in: specification, service: service, secretVersions: versions, at: store.clock.now(), by: actor)
    }

    // MARK: Planning

    /// What a deployment would do from here, if all goes well, and what the gates say to it. Nothing is done or recorded.
    func plan(_ reference: String, in environment: EnvironmentID) async throws -> DeploymentPlan {
        let controller = try controller(of: environment)
        var release = try await draft(reference, in: environment, by: "")
        let state = await controller.state
        if release.number == ReleaseNumber(0) {
            let newest = try await store.releases(of: environment, limit: 1).first
            release.number = ReleaseNumber((newest?.number.value ?? 0) + 1)
            if let serving = state.serving, let present = try await store.release(serving, of: environment), present.hasSameContent(as: release) {
                release = present
            }
        }
        let request = RolloutRequest(kind: .deploy, release: release.number, acceptedAt: store.clock.now())
        let forecast = try await controller.forecast(request, release: release)
        return DeploymentPlan(
            environment: environment, release: release.number, image: release.image, strategy: release.strategy.word, serving: state.serving,
            steps: forecast.steps.map { DeploymentPlan.Step($0) }, objections: try await objections(to: reference, in: environment))
    }

    private func objections(to reference: String, in environment: EnvironmentID) async throws -> [String] {
        if let number = try Self.releaseNumber(reference) {
            let release = try await release(number, of: environment)
            try await checkRejection(release.image)
            return try await readmission(of: release, asker: nil, override: nil).gates.flatMap(\.refusals).map(\.message)
        }
        let (service, specification) = try await self.specification(of: environment)
        let image = try await image(reference, of: environment.service)
        return try await standings(of: image, in: specification, of: service).flatMap(\.refusals).map(\.message)
    }

    // MARK: Orders of operators

    /// - Throws: `nothing-moves` when no rollout is under way, `nothing-to-retry` when none has failed.
    func order(_ order: RolloutOrder, in environment: EnvironmentID, by actor: String) async throws {
        let controller = try controller(of: environment)
        guard order.kind != .retry else { return try await retry(environment, token: order.token, by: actor) }
        guard await controller.isMoving else {
            throw ControlError(
                "nothing-moves", "no rollout of \(environment) is under way", remedy: "see 'ingot status \(environment.environment)'", kind: .conflict
            )
        }
        let why = order.reason.map { ": \($0.prefix(Limits.reasonLength))" } ?? ""
        let (command, action): (RolloutCommand, Event.Action) =
            switch order.kind {
            case .pause: (.pause, .rolloutPaused)
            case .resume, .retry: (.resume, .rolloutResumed)
            case .promote: (.promote(isFull: false), .rolloutPromoted)
            case .promoteFull: (.promote(isFull: true), .rolloutPromoted)
            case .abort: (.abort(reason: "\(actor) aborted it\(why)"), .rolloutAborted)
            }
        let event = EventDraft(action, by: actor, environment: environment, "\(order.kind.rawValue)\(why)")
        try await give(command, to: controller, event)
    }

    private func retry(_ environment: EnvironmentID, token: FencingToken?, by actor: String) async throws {
        guard let last = try await store.rollouts(of: environment, limit: 1).first, last.result == .returned else {
            throw ControlError(
                "nothing-to-retry", "the last rollout of \(environment) did not fail", remedy: "see 'ingot history \(environment.environment)'",
                kind: .conflict)
        }
        try await checkRejection(last.image)
        _ = try await inTurn {
            try await self.locks.check(environment, token)
            let release = try await self.release(last.release, of: environment)
            try await self.readmit(release, override: nil, by: actor)
            return try await self.request(.deploy, release, by: actor, hold: .lift(last.image))
        }
    }

    func scale(_ environment: EnvironmentID, to instances: Int?, token: FencingToken? = nil, by actor: String) async throws {
        let controller = try controller(of: environment)
        if let instances, !(1...Limits.instances).contains(instances) {
            throw ControlError.invalid("an environment has 1 to \(Limits.instances) instances, not \(instances)")
        }
        let words = instances.map { "\($0) instances" } ?? "as many instances as the release says"
        let event = EventDraft(.environmentScaled, by: actor, environment: environment, words)
        try await give(.scale(instances), to: controller, event) { try await self.locks.check(environment, token) }
    }

    /// In turn, so that the controller takes commands up in the order in which they are stored.
    private func give(
        _ command: RolloutCommand, to controller: EnvironmentController, _ event: EventDraft,
        after check: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        try await inTurn {
            try await check()
            try await self.store.add(command, for: controller.environment, event: event)
            await controller.take(command)
        }
    }

    // MARK: Rolling back

    private func rollBackNow(_ environment: EnvironmentID, to number: ReleaseNumber?, by actor: String) async throws -> DeploymentAccepted {
        _ = try await specification(of: environment)
        if let number {
            let release = try await release(number, of: environment)
            try await checkRejection(release.image)
            return try await request(.rollback, release, by: actor, hold: try await holdOfWhatIsLeft(environment, for: release, by: actor))
        }
        let state = try await controller(of: environment).state
        guard let choice = try await store.lastGood(of: environment, state) else {
            throw ControlError(
                "nothing-to-roll-back-to",
                "\(environment) has no good release before \(state.serving.map { "release \($0)" } ?? "the first deployment")",
                remedy: "see 'ingot history \(environment.environment)', and name the release to go to", kind: .conflict)
        }
        let release = try await release(choice, of: environment)
        return try await request(.rollback, release, by: actor, hold: try await holdOfWhatIsLeft(environment, for: release, by: actor))
    }

    /// Nothing brings back by itself what somebody went away from.
    private func holdOfWhatIsLeft(_ environment: EnvironmentID, for release: Release, by actor: String) async throws -> HoldChange? {
        let state = try await controller(of: environment).state
        guard let left = state.rollout?.release ?? state.serving, left != release.number,
            let image = try await store.release(left, of: environment)?.image, image != release.image
        else { return nil }
        return .place(image, reason: "\(actor) rolled back from it")
    }

    // MARK: Rejections and holds

    /// An image runs nowhere any more: no gate lets it in, and whoever runs it goes back to the last good release.
    func reject(_ asked: RejectionRequest, by actor: String) async throws -> RejectionAnswer {
        let reason = String(asked.reason.prefix(Limits.reasonLength))
        guard !reason.allSatisfy(\.isWhitespace) else { throw ControlError.invalid("say why the image is rejected", remedy: "give --reason") }
        let digest = try await image(asked.reference).digest
        try await store.reject(digest, because: reason, by: actor)
        return RejectionAnswer(image: digest, isRejected: true, leaving: try await leaving(digest))
    }

    func accept(_ image: Digest, by actor: String) async throws -> RejectionAnswer {
        guard try await store.rejection(of: image) != nil else { throw ControlError.notFound("rejection of image \(image)") }
        try await store.accept(image, by: actor)
        return RejectionAnswer(image: image, isRejected: false, leaving: [])
    }

    /// The environments that go away from an image now that it is rejected. Each controller sees to that itself, in its next pass.
    private func leaving(_ image: Digest) async throws -> [EnvironmentID] {
        var leaving: [EnvironmentID] = []
        for controller in controllers.list where try await isLeaving(image, controller) {
            leaving.append(controller.environment)
            controller.wake()
        }
        return leaving
    }

    private func isLeaving(_ image: Digest, _ controller: EnvironmentController) async throws -> Bool {
        let environment = controller.environment
        let state = await controller.state
        func runs(_ number: ReleaseNumber?) async throws -> Bool {
            guard let number else { return false }
            return try await store.release(number, of: environment)?.image == image
        }
        let wished = await controller.pending?.request.release ?? state.rollout?.release
        if let wished { return try await runs(wished) }
        guard try await runs(state.serving) else { return false }
        return try await store.lastGood(of: environment, state) != nil
    }

    func checkRejection(_ image: Digest) async throws {
        guard let reason = try await store.rejection(of: image) else { return }
        throw ControlError(
            "image-rejected", "image \(image.short) was rejected: \(reason)",
            remedy: "choose another release; 'ingot image accept \(image.short)' takes the rejection back", kind: .refused)
    }

    /// Whatever deploys by itself has to leave alone what the environment went away from.
    private func checkHold(_ image: Digest, in environment: EnvironmentID) async throws {
        guard let reason = try await store.hold(of: image, in: environment) else { return }
        throw ControlError(
            "held", "\(environment) went away from image \(image.short): \(reason)",
            remedy: "mend it and commit; or deploy it all the same with 'ingot deploy \(environment.environment) \(image.short)'", kind: .conflict)
    }

    // MARK: Both

    private func request(
        _ kind: RolloutRequest.Kind, _ release: Release, by actor: String, hold: HoldChange?
    ) async throws -> DeploymentAccepted {
        let controller = try controller(of: release.environment)
        if let wish = Self.wishOnItsWay(to: release.number, pending: await controller.pending, state: await controller.state) {
            if let hold { try await store.change(hold, in: release.environment, by: actor) }
            return Self.accepted(release, at: wish.acceptedAt)
        }
        let request = RolloutRequest(kind: kind, release: release.number, acceptedAt: store.clock.now())
        let pending = PendingRequest(request: request, actor: actor)
        try await store.request(pending, for: release.environment, hold: hold)
        await controller.take(pending, release: release)
        return Self.accepted(release, at: request.acceptedAt)
    }

    /// A wish for this release that was accepted before and has not failed: asking again changes nothing.
    private static func wishOnItsWay(to release: ReleaseNumber, pending: PendingRequest?, state: EnvironmentState) -> RolloutRequest? {
        if let pending { return pending.request.release == release ? pending.request : nil }
        guard let rollout = state.rollout, rollout.release == release else { return nil }
        if case .returning = rollout.phase { return nil }
        return rollout.request
    }

    private static func accepted(_ release: Release, at: Timestamp) -> DeploymentAccepted {
        DeploymentAccepted(environment: release.environment, release: release.number, image: release.image, acceptedAt: at)
    }

    func specification(of id: EnvironmentID) async throws -> (ServiceSpecification, EnvironmentSpecification) {
        guard let service = try await store.specification(of: id.service) else { throw ControlError.unknownService(id.service) }
        guard let environment = service.environment(id.environment) else {
            throw ControlError.unknownEnvironment(id, known: service.environments.map(\.name))
        }
        return (service, environment)
    }

    func release(_ number: ReleaseNumber, of environment: EnvironmentID) async throws -> Release {
        guard let release = try await store.release(number, of: environment) else { throw ControlError.unknownRelease(number, of: environment) }
        return release
    }

    func controller(of environment: EnvironmentID) throws -> EnvironmentController {
        guard let controller = controllers[environment] else { throw ControlError.notFound("environment \(environment)") }
        return controller
    }
}
