import API
import Glibc
import IngotModel
import Logging
import Synchronization

/// Knows who asks, and refuses what they may not do.
final class AccessControl: Sendable {
    let store: ControlStore
    private let logger: Logger
    private let refusals = Mutex(RefusalTally())

    init(store: ControlStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    // MARK: Who asks

    /// A user of this machine. Root and the daemon's own user could write the database themselves: they may do everything.
    ///
    /// The user's groups come from the machine's database: what a process says of itself (its group at the moment) is not asked, and
    /// who left a group has lost its roles with the next request.
    func caller(user: uid_t) async throws -> Caller {
        let subjects = Self.isOwn(user) ? [.user(UserDatabase.name(ofUser: user))] : UserDatabase.subjects(ofUser: user)
        let grants = Self.isOwn(user) ? [Grant(.administrator)] : try await store.grants(of: subjects)
        return caller(Principal(person: subjects[0].text), Rights(grants))
    }

    /// Whoever has a token.
    ///
    /// - Throws: `control.not-authenticated`, `control.token-ended`.
    func caller(token: AccessToken) async throws -> Caller {
        let record = try await store.token(token)
        await noteUse(of: record)
        let rights = Rights(try await grants(of: record.owner), limit: record.grant)
        return caller(Principal(person: record.owner.text, token: record.name), rights)
    }

    /// What a person may do, who may have an account here or not.
    func grants(of person: AccessSubject) async throws -> [Grant] {
        if case .user(let name) = person, let user = UserDatabase.number(ofUser: name), Self.isOwn(user) { return [Grant(.administrator)] }
        return try await store.grants(of: UserDatabase.subjects(ofPerson: person))
    }

    private func caller(_ actor: Principal, _ rights: Rights) -> Caller {
        Caller(actor: actor, rights: rights) { [store] environment in
            try await store.specification(of: environment.service)?.environment(environment.environment)?.isProduction ?? true
        }
    }

    private static func isOwn(_ user: uid_t) -> Bool { user == 0 || user == geteuid() }

    /// To the minute, so that a token in use costs one write a minute. That a full disk can't note it keeps nobody out.
    private func noteUse(of record: TokenRecord) async {
        let now = store.clock.now()
        if let last = record.lastUsed, last <= now, now - last < .minutes(1) { return }
        do {
            try await store.noteUse(ofToken: record.id, at: now)
        } catch {
            logger.warning("the use of a token could not be noted", metadata: ["token": "\(record.name)", "error": "\(error)"])
        }
    }

    // MARK: What they may do

    /// - Throws: `control.access-refused`, after an event that tells of it.
    func require(_ permission: Permission, in scope: AccessScope, of caller: Caller) async throws {
        guard try await !caller.may(permission, in: scope) else { return }
        throw await refusal(permission, in: scope, of: caller)
    }

    /// - Throws: as above, when there is nothing at all on which the caller may do it.
    func requireSomewhere(_ permission: Permission, of caller: Caller) async throws {
        guard !caller.rights.allowSomewhere(permission) else { return }
        throw await refusal(permission, in: .everything, of: caller)
    }

    private func refusal(_ permission: Permission, in scope: AccessScope, of caller: Caller) async -> ControlError {
        let error = ControlError.accessRefused(caller, permission, in: scope)
        let kind = RefusalTally.Kind(actor: caller.actor, permission: permission, scope: scope)
        let now = store.clock.now()
        guard let count = refusals.withLock({ $0.refused(kind, at: now) }) else { return error }
        let environment: EnvironmentID? = if case .environment(let id) = scope { id } else { nil }
        let words = "refused: \(permission.rawValue) on \(scope)\(count > 1 ? ", \(count) times" : "")"
        do {
            try await store.record([EventDraft(.accessRefused, by: caller.actor.text, environment: environment, words)])
        } catch {
            logger.error("a refusal could not be recorded", metadata: ["error": "\(error)"])
        }
        return error
    }
}
