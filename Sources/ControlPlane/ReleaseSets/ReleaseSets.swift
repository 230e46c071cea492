import API
import IngotModel
import Logging
import Rollout

/// Looks after the release sets: it gathers what is seen of their members, lets `ReleaseSetState.advance` decide, and stores that with
/// the requests that come of it. It decides nothing itself, and remembers nothing: what runs is asked of the database at each look.
///
/// Everything that changes a set is done in the turn of deployments, so no person's request comes between what a set saw and what it asks.
struct ReleaseSets: Sendable {
    /// How long nothing may happen before it looks again: while a set runs, and while none does.
    static let floor = Milliseconds.seconds(1)
    static let rest = Milliseconds.seconds(30)

    let store: ControlStore
    let deployments: Deployments
    let controllers: Controllers
    let logger: Logger
    private let wakeup = Wakeup()

    init(store: ControlStore, deployments: Deployments, controllers: Controllers, logger: Logger) {
        self.store = store
        self.deployments = deployments
        self.controllers = controllers
        self.logger = logger
    }

    // MARK: Accepting

    /// Lets every member in, or none. The same set asked for twice is one, as long as it goes on.
    func accept(_ asked: ReleaseSetRequest, by actor: String) async throws -> ReleaseSetStatus {
        try Self.check(asked.specification)
        let references = asked.specification.members.map { (EnvironmentID(service: $0.service, environment: asked.environment), $0.reference) }
        let place = await deployments.nextPlace()
        let record = try await deployments.inTurn(
            judging: Dictionary(references, uniquingKeysWith: { first, _ in first }), isAutomatic: asked.isAutomatic ?? false, place: place
        ) { judgements in try await self.acceptNow(asked, judgements, by: actor) }
        wakeup.wake()
        return try await status(record)
    }

    private func acceptNow(_ asked: ReleaseSetRequest, _ judgements: Judgements, by actor: String) async throws -> ReleaseSetRecord {
        let running = try await store.runningReleaseSets()
        let isSame = { (record: ReleaseSetRecord) in
            record.specification == asked.specification && record.environment == asked.environment && record.state.turn == nil
        }
        if let same = running.first(where: isSame) { return same }
        var admitted: [AdmittedMember] = []
        var refused: [RefusedMember] = []
        for member in asked.specification.members {
            do {
                admitted.append(try await admit(member, asked, running, judgements, by: actor))
            } catch let outdated as JudgementOutdated {
                throw outdated
            } catch {
                refused.append(RefusedMember(service: member.service, report: ErrorReport(error)))
            }
        }
        if let error = ControlError.refused(asked, by: refused) {
            try await store.record([ReleaseSetEvents.refused(asked, error, by: actor)])
            throw error
        }
        return try await store.create(admitted, for: asked, by: actor)
    }

    private func admit(
        _ member: ReleaseSetSpecification.Member, _ asked: ReleaseSetRequest, _ running: [ReleaseSetRecord], _ judgements: Judgements,
        by actor: String
    ) async throws -> AdmittedMember {
        let environment = EnvironmentID(service: member.service, environment: asked.environment)
        if let other = running.first(where: { $0.environments.contains(environment) }) { throw Self.belongs(environment, to: other) }
        try await deployments.locks.check(environment, asked.tokens?[environment])
        return try await deployments.admit(member, to: environment, isAutomatic: asked.isAutomatic ?? false, judgements, by: actor)
    }

    private static func check(_ specification: ReleaseSetSpecification) throws {
        let mistakes = specification.mistakes
        guard mistakes.isEmpty else {
            throw ControlError.invalid("release set '\(specification.name)' is not one: \(mistakes.joined(separator: "; "))")
        }
    }

    private static func belongs(_ environment: EnvironmentID, to other: ReleaseSetRecord) -> ControlError {
        ControlError(
            "in-other-set", "\(environment) belongs to \(other.title), which is under way",
            remedy: "wait for its end, or end it with 'ingot set abort \(other.number)'", kind: .conflict)
    }

    /// What a set would do. Nothing is done, and no gate is asked.
    func plan(_ asked: ReleaseSetRequest) async throws -> ReleaseSetPlanned {
        try Self.check(asked.specification)
        var members: [ServiceName: ReleaseSetPlanned.Member] = [:]
        var refused: [RefusedMember] = []
        for member in asked.specification.members {
            do {
                let id = EnvironmentID(service: member.service, environment: asked.environment)
                _ = try await deployments.specification(of: id)
                let plan = try await deployments.plan(member.reference, in: id)
                members[member.service] = ReleaseSetPlanned.Member(
                    service: member.service, after: member.after, isKept: plan.serving == plan.release, plan: plan)
            } catch {
                refused.append(RefusedMember(service: member.service, report: ErrorReport(error)))
            }
        }
        if let error = ControlError.refused(asked, by: refused) { throw error }
        let waves = ReleaseOrder(asked.specification).waves.map { $0.compactMap { members[$0] } }
        return ReleaseSetPlanned(name: asked.specification.name, environment: asked.environment, waves: waves)
    }

    // MARK: Orders of operators

    /// A set that goes back, or has gone back, does so for its first reason: asked again, nothing is done.
    ///
    /// - Throws: `set-has-succeeded` when one that has ended is to be aborted, `in-other-set` when another set has a member by now.
    func order(_ order: ReleaseSetOrder, _ number: ReleaseSetNumber, by actor: String) async throws -> ReleaseSetStatus {
        let record = try await deployments.inTurn { try await self.orderNow(order, number, by: actor) }
        wakeup.wake()
        return try await status(record)
    }

    private func orderNow(_ order: ReleaseSetOrder, _ number: ReleaseSetNumber, by actor: String) async throws -> ReleaseSetRecord {
        let before = try await known(number)
        guard before.state.turn == nil else { return before }
        if !before.isRunning {
            guard order.kind == .rollback else { throw Self.hasSucceeded(before) }
            for other in try await store.runningReleaseSets() {
                if let shared = before.environments.first(where: other.environments.contains) { throw Self.belongs(shared, to: other) }
            }
        }
        var after = before
        let why = order.reason.map { ": \($0.prefix(Limits.reasonLength))" } ?? ""
        let words = "\(actor) \(order.kind == .abort ? "aborted it" : "rolled it back")\(why)"
        let now = store.clock.now()
        guard after.state.goBack(because: words, now: now) else { return before }
        after.add([ReleaseSetPlan.Decision(what: "the set goes back: \(words)")], at: now)
        let events = ReleaseSetEvents.changes(from: before, to: after, decided: [], by: actor)
        try await store.save(ReleaseSetChange(before: before, after: after, events: events, at: now))
        return after
    }

    private static func hasSucceeded(_ record: ReleaseSetRecord) -> ControlError {
        ControlError(
            "set-has-succeeded", "\(record.title) has succeeded already", remedy: "take it back with 'ingot set rollback \(record.number)'",
            kind: .conflict)
    }

    // MARK: The loop

    /// Runs until the task is cancelled. Nothing that goes wrong ends it: it is logged, and tried again.
    func run() async {
        let events = store.newEvents.listen()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in events { wakeup.wake() } }
            group.addTask {
                while !Task.isCancelled { await wakeup.wait(until: store.clock.now() + (await look()), by: store.clock) }
            }
        }
    }

    /// One look at every set that runs; returns how long nothing may happen until the next.
    func look() async -> Milliseconds {
        do {
            let running = try await store.runningReleaseSets()
            for record in running { await lookAt(record) }
            return running.isEmpty ? Self.rest : Self.floor
        } catch {
            report(error, "the release sets could not be read")
            return Self.floor
        }
    }

    /// One set that can't go on does not hold up the others.
    private func lookAt(_ record: ReleaseSetRecord) async {
        do {
            try await deployments.inTurn { try await self.advance(record.number) }
        } catch {
            report(error, "a pass over \(record.title) failed")
        }
    }

    private func report(_ error: any Error, _ what: String) {
        guard !Task.isCancelled else { return }
        logger.error("\(what)", metadata: ["error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
    }

    // MARK: What others ask

    func known(_ number: ReleaseSetNumber) async throws -> ReleaseSetRecord {
        guard let record = try await store.releaseSet(number) else {
            throw ControlError(
                "unknown-set", "there is no release set \(number)", remedy: "see 'ingot set list' for those there are", kind: .notFound)
        }
        return record
    }

    func status(of number: ReleaseSetNumber) async throws -> ReleaseSetStatus { try await status(try await known(number)) }

    func statuses() async throws -> [ReleaseSetStatus] {
        var statuses: [ReleaseSetStatus] = []
        for record in try await store.releaseSets(limit: Limits.releaseSets) { statuses.append(try await status(record)) }
        return statuses
    }

    private func status(_ record: ReleaseSetRecord) async throws -> ReleaseSetStatus {
        var images: [ServiceName: Digest] = [:]
        var rollouts: [RolloutRecord] = []
        for member in record.state.members {
            let id = record.id(of: member.service)
            images[member.service] = try await store.release(member.release, of: id)?.image
            for number in member.rollouts {
                if let rollout = try await store.rollout(number, of: id) { rollouts.append(rollout) }
            }
        }
        return ReleaseSetStatus(record, images: images, rollouts: rollouts)
    }

    /// The set under way that an environment belongs to.
    func membership(of environment: EnvironmentID) async throws -> ReleaseSetMembership? {
        let record = try await store.runningReleaseSets().first { $0.environments.contains(environment) }
        return record.map { ReleaseSetMembership(number: $0.number, name: $0.specification.name, awaiting: $0.state.awaiting) }
    }
}
