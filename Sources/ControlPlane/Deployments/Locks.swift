import API
import IngotModel
import Logging

/// Carries out what is asked of leases: each step is one transaction with its event, and the controllers are told who holds what.
///
/// What a lease may do is decided in `LeaseState`.
struct Locks: Sendable {
    let store: ControlStore
    let controllers: Controllers
    let logger: Logger
    private let wakeup = Wakeup()

    init(store: ControlStore, controllers: Controllers, logger: Logger) {
        self.store = store
        self.controllers = controllers
        self.logger = logger
    }

    // MARK: What is asked

    /// - Throws: `control.locked` when somebody else holds it.
    func acquire(_ asked: LockRequest, of environment: EnvironmentID, by actor: String) async throws -> LockGrant {
        let wish = try Self.wish(asked, by: actor)
        let now = store.clock.reading()
        let answer = try await store.changeLease(of: environment) { state in
            let ended = state.expire(at: now).map { [Self.expired($0, environment)] } ?? []
            let answer = state.acquire(wish, at: now)
            guard case .acquired(let lease) = answer else { return (answer, ended) }
            return (answer, ended + [Self.acquired(lease, environment)])
        }
        switch answer {
        case .heldBy(let lease): throw ControlError.locked(environment, by: lease)
        case .acquired(let lease), .acquiredBefore(let lease):
            await tell(lease, environment)
            wakeup.wake()
            return LockGrant(lease, of: environment)
        }
    }

    private static func wish(_ asked: LockRequest, by actor: String) throws -> LeaseState.Wish {
        let reason = String(asked.reason.prefix(Limits.reasonLength))
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw ControlError.invalid("say why the environment is locked", remedy: "give --reason: whoever is refused reads it")
        }
        guard !asked.attempt.isEmpty, asked.attempt.utf8.count <= Limits.lockAttempt else {
            throw ControlError.invalid("a lock's attempt needs a short name")
        }
        if let keep = asked.keep, !(1...LeaseTerms.longest.count).contains(keep.count) {
            throw ControlError.invalid("a lock is kept for more than nothing and at most \(LeaseTerms.longest), not \(keep)")
        }
        return LeaseState.Wish(holder: actor, reason: reason, attempt: asked.attempt, keep: asked.keep)
    }

    /// A heartbeat.
    ///
    /// - Throws: `control.lock-lost` when the token holds nothing any more.
    func renew(_ token: FencingToken, of environment: EnvironmentID) async throws -> LockGrant {
        let now = store.clock.reading()
        let (renewed, ended) = try await store.changeLease(of: environment) { state in
            let renewed = state.renew(token, at: now)
            let ended = state.expire(at: now)
            return ((renewed, ended), ended.map { [Self.expired($0, environment)] } ?? [])
        }
        if ended != nil { await tell(nil, environment) }
        guard let renewed else { throw ControlError.lockLost(environment, token) }
        return LockGrant(renewed, of: environment)
    }

    /// Gives back what this token holds; nothing where it holds nothing any more.
    func release(_ token: FencingToken, of environment: EnvironmentID) async throws {
        let ended = try await store.changeLease(of: environment) { state in
            let ended = state.release(token)
            return (
                ended, ended.map { [EventDraft(.lockReleased, by: $0.holder, environment: environment, "lock \($0.token) was given back")] } ?? []
            )
        }
        if ended != nil { await tell(nil, environment) }
    }

    /// Takes it from whoever has it.
    func unlock(_ environment: EnvironmentID, by actor: String) async throws -> UnlockAnswer {
        let now = store.clock.reading()
        let ended = try await store.changeLease(of: environment) { state in
            if let expired = state.expire(at: now) { return (nil as Lease?, [Self.expired(expired, environment)]) }
            let ended = state.release()
            return (ended, ended.map { [Self.taken($0, environment, by: actor)] } ?? [])
        }
        await tell(nil, environment)
        return UnlockAnswer(environment: environment, ended: ended.map { LockStatus($0) })
    }

    /// - Throws: `control.locked` or `control.lock-stale` when a new deployment or scale is not to be.
    func check(_ environment: EnvironmentID, _ token: FencingToken?) async throws {
        switch try await store.leaseState(of: environment).objection(to: token, at: store.clock.reading()) {
        case nil: return
        case .heldBy(let lease): throw ControlError.locked(environment, by: lease)
        case .stale(let token): throw ControlError.lockStale(environment, token)
        }
    }

    // MARK: Ends

    /// Ends what nothing is heard of any more, until the task is cancelled. A lease has ended also before that is noted here.
    func run() async {
        while !Task.isCancelled {
            let next = await endExpired()
            await wakeup.wait(until: next, by: store.clock)
        }
    }

    /// - Returns: when to look again.
    private func endExpired() async -> Timestamp {
        var next = store.clock.now() + .minutes(10)
        do {
            for (environment, lease) in try await store.leases() {
                let now = store.clock.reading()
                guard !lease.isHeld(at: now) else {
                    await tell(lease, environment)
                    next = min(next, now.wall + lease.left(at: now))
                    continue
                }
                let ended = try await store.changeLease(of: environment) { state in
                    let ended = state.expire(at: now)
                    return (ended != nil, ended.map { [Self.expired($0, environment)] } ?? [])
                }
                if ended { await tell(nil, environment) }
            }
            return next
        } catch {
            logger.warning("could not look for locks that have ended", metadata: ["error": "\(error)"])
            return store.clock.now() + RetryPause.longest
        }
    }

    private func tell(_ lease: Lease?, _ environment: EnvironmentID) async {
        await controllers[environment]?.note(lease.map { LockStatus($0) })
    }

    // MARK: Events

    private static func acquired(_ lease: Lease, _ environment: EnvironmentID) -> EventDraft {
        let length = lease.isKept ? " for \(lease.length)" : ""
        return EventDraft(.lockAcquired, by: lease.holder, environment: environment, "lock \(lease.token)\(length): \(lease.reason)")
    }

    private static func expired(_ lease: Lease, _ environment: EnvironmentID) -> EventDraft {
        let why = lease.isKept ? "its time is over" : "nothing was heard of its command for \(lease.length)"
        return EventDraft(.lockExpired, environment: environment, "lock \(lease.token) of \(lease.holder) has ended: \(why)")
    }

    private static func taken(_ lease: Lease, _ environment: EnvironmentID, by actor: String) -> EventDraft {
        EventDraft(.lockTaken, by: actor, environment: environment, "\(actor) took lock \(lease.token) from \(lease.holder): \(lease.reason)")
    }
}

// Somebody's word stands against it, as a gate's does: neither the asker nor the world is at fault. So the exit code is 3.
extension ControlError {
    static func locked(_ environment: EnvironmentID, by lease: Lease) -> ControlError {
        let until = lease.isKept ? "until \(lease.until)" : "until its command ends, or \(lease.length) after it was killed"
        return ControlError(
            "locked", "\(environment) is locked by \(lease.holder): \(lease.reason); since \(lease.acquired), \(until)",
            remedy: "wait for it with '--lock-timeout 5m', or take the lock away with 'ingot unlock \(environment)'; rollbacks are never refused",
            fault: .gate, kind: .conflict)
    }

    static func lockStale(_ environment: EnvironmentID, _ token: FencingToken) -> ControlError {
        ControlError(
            "lock-stale", "lock \(token) of \(environment), under which this was asked, has ended: others may have deployed since",
            remedy: "see 'ingot events' for how it ended, look at what runs, then lock again", fault: .gate, kind: .conflict)
    }

    static func lockLost(_ environment: EnvironmentID, _ token: FencingToken) -> ControlError {
        ControlError(
            "lock-lost", "lock \(token) of \(environment) has ended", remedy: "see 'ingot events' for how it ended", fault: .world, kind: .conflict)
    }
}
