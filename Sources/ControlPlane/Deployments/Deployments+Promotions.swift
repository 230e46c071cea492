import API
import Gates
import IngotModel
import Rollout

extension Deployments {
    // MARK: Promoting

    /// Lets an image into an environment: every gate is asked, and the environment's tag names it from now on. Nothing is deployed.
    func promote(_ asked: PromotionRequest, into environment: EnvironmentID, by actor: String) async throws -> PromotionAnswer {
        let place = nextPlace()
        try await locks.check(environment, asked.token)
        return try await inTurn(judging: [environment: asked.reference], isAutomatic: false, place: place) { judgements in
            try await self.locks.check(environment, asked.token)
            return try await self.promoteNow(asked, into: environment, judgements, by: actor)
        }
    }

    private func promoteNow(
        _ asked: PromotionRequest, into environment: EnvironmentID, _ judgements: Judgements, by actor: String
    ) async throws -> PromotionAnswer {
        try checkOvertaken(judgements.place, environment)
        let (service, specification) = try await self.specification(of: environment)
        let image = try await image(asked.reference, of: environment.service)
        let verdicts = try judgements.verdicts(on: image.digest, by: service.gates, in: environment)
        let override = try Self.reason(asked.overrideFreeze)
        let promotion = try await promote(image, verdicts, into: specification, of: service, override: override, by: actor)
        let at = try await store.promote(image.digest, in: environment, promotion)
        try await tags.follow(environment)
        return PromotionAnswer(
            environment: environment, image: image.digest, at: at, tag: EnvironmentTags.name(of: environment), gates: promotion.gates)
    }

    /// How every gate stands to an image. Nothing is done or recorded.
    func why(_ reference: String, in environment: EnvironmentID) async throws -> PromotionReport {
        let (service, specification) = try await self.specification(of: environment)
        let image = try await image(reference, of: environment.service)
        let gates = try await standings(of: image, in: specification, of: service)
        var serves = false
        if let serving = try await controller(of: environment).state.serving {
            serves = try await store.release(serving, of: environment)?.image == image.digest
        }
        return PromotionReport(environment: environment, image: image.digest, gates: gates, serves: serves)
    }

    // MARK: Approvals

    /// Records what somebody decides about an image in an environment. In turn, so that a deployment sees it whole or not at all.
    func decide(_ asked: ApprovalRequest, in environment: EnvironmentID, by actor: String) async throws -> ApprovalAnswer {
        try await inTurn { try await self.decideNow(asked, in: environment, by: actor) }
    }

    private func decideNow(_ asked: ApprovalRequest, in id: EnvironmentID, by actor: String) async throws -> ApprovalAnswer {
        let (service, environment) = try await specification(of: id)
        let image = try await image(asked.reference, of: id.service).digest
        let reason = try Self.reason(asked.reason)
        let isOverride = asked.overridesFreeze ?? false
        // Their own: nobody keeps others from deciding.
        let person = Principal.person(behind: actor)
        let own = try await store.approvals(of: image, in: id).filter { Principal.person(behind: $0.by) == person }
        if asked.decision == .rejected {
            guard reason != nil, !isOverride else { throw ControlError.invalid("say why the image is rejected", remedy: "give --reason") }
        } else if own.last?.decision != .rejected || isOverride {
            try await checkApprover(actor, of: image, in: environment, of: service, isOverride: isOverride)
        }
        // Who may not approve may take back what they rejected: the approval ends that, and does not count.
        guard own.count < Limits.approvals else {
            throw ControlError(
                "too-many-approvals", "\(person) has decided about image \(image.short) \(Limits.approvals) times for \(id)",
                remedy: "build the commit anew, or deploy another image", kind: .conflict)
        }
        let now = store.clock.now()
        let approval = Approval(
            environment: id, image: image, decision: asked.decision, by: actor, reason: reason, at: now,
            expiresAt: asked.decision == .approved ? now + environment.promotion.approval.valid : nil, overridesFreeze: isOverride)
        try await store.add(approval)
        let situation = try await situation(of: image, in: environment, of: service, asker: nil, override: nil)
        return ApprovalAnswer(approval: approval, gate: ApprovalPolicy.gate(of: image, in: id, environment, situation))
    }

    private func checkApprover(
        _ actor: String, of image: Digest, in environment: EnvironmentSpecification, of service: ServiceSpecification, isOverride: Bool
    ) async throws {
        guard environment.requiresApproval || isOverride else {
            throw ControlError.invalid(
                "\(environment.name) asks for no approval", remedy: "deploy it: `ingot deploy \(environment.name) \(image.short)`")
        }
        let authors = try await store.authors(of: image, for: service.service)
        guard let objection = ApprovalPolicy.objection(to: actor, authors) else { return }
        throw ControlError(
            "four-eyes", "\(actor) can't approve image \(image.short) for \(environment.name): \(objection)",
            remedy: "let another person run `ingot approve \(image.short) \(environment.name)`", fault: .gate, kind: .refused)
    }

    /// What was decided about an image, oldest first.
    func approvals(of image: Digest, in environment: EnvironmentID) async throws -> [Approval] {
        _ = try await specification(of: environment)
        return try await store.approvals(of: image, in: environment)
    }

    /// - Returns: `nil` for none, also for one of spaces.
    static func reason(_ text: String?) throws -> String? {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return nil }
        guard !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
            throw ControlError.invalid("a reason is one line of text")
        }
        return String(text.prefix(Limits.reasonLength))
    }

    // MARK: Freezes

    func freeze(_ environment: EnvironmentID, _ asked: FreezeRequest, by actor: String) async throws -> FreezeStatus {
        let (_, specification) = try await specification(of: environment)
        guard let reason = try Self.reason(asked.reason) else {
            throw ControlError.invalid("say why \(environment) is frozen", remedy: "give --reason")
        }
        let now = store.clock.now()
        if let until = asked.until, until <= now { throw ControlError.invalid("\(until) is over already", remedy: "give a later --until") }
        let freeze = PlacedFreeze(reason: reason, by: actor, at: now, until: asked.until)
        // In turn with deployments: what was let through before stands before the freeze.
        try await inTurn { try await self.store.place(freeze, in: environment) }
        return FreezeStatus(
            environment: environment, inForce: Freezes.inForce(specification.promotion.freezes, placed: freeze, at: store.clock.now()))
    }

    /// What `ingot.yaml` says stays.
    func thaw(_ environment: EnvironmentID, by actor: String) async throws -> FreezeStatus {
        let (_, specification) = try await specification(of: environment)
        let lifted: PlacedFreeze? = try await inTurn {
            guard let placed = try await self.store.freeze(of: environment) else { return nil }
            try await self.store.lift(placed, in: environment, by: actor)
            return placed
        }
        return FreezeStatus(
            environment: environment, inForce: Freezes.inForce(specification.promotion.freezes, placed: nil, at: store.clock.now()), lifted: lifted)
    }

    func freezeStatus(of environment: EnvironmentID) async throws -> FreezeStatus {
        let (_, specification) = try await specification(of: environment)
        let placed = try await store.freeze(of: environment)
        return FreezeStatus(
            environment: environment, inForce: Freezes.inForce(specification.promotion.freezes, placed: placed, at: store.clock.now()))
    }
}
