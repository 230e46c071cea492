import API
import IngotModel

extension AccessControl {
    /// Gives a role. Given again, nothing changes.
    func grant(_ asked: GrantRequest, by caller: Caller) async throws -> [GrantRecord] {
        try await store.add(asked, by: caller.actor.text)
        return try await store.allGrants()
    }

    func revoke(_ asked: GrantRequest, by caller: Caller) async throws -> [GrantRecord] {
        guard try await store.remove(asked, by: caller.actor.text) else {
            throw ControlError(
                "unknown-grant", "\(asked.subject) is not \(asked.grant)", remedy: "see 'ingot access list' for what is given", kind: .notFound)
        }
        return try await store.allGrants()
    }

    // MARK: Tokens

    /// Makes a token that may do no more than its owner, at most until its end.
    func createToken(_ asked: TokenRequest, by caller: Caller) async throws -> TokenCreated {
        let owner = try await owner(of: asked, by: caller)
        let lifetime = asked.lifetime ?? TokenTerms.lifetime
        guard (TokenTerms.shortest...TokenTerms.longest).contains(lifetime) else {
            throw ControlError.invalid(
                "a token can't last \(lifetime)",
                remedy: "choose a time from \(TokenTerms.shortest) to \(TokenTerms.longest), and renew it before its end")
        }
        let now = store.clock.now()
        var random = SystemRandomNumberGenerator()
        let token = AccessToken(using: &random)
        let record = TokenRecord(
            id: token.id, name: asked.name, owner: owner, grant: asked.grant, by: caller.actor.text, at: now, until: now + lifetime)
        try await store.add(record, token)
        return TokenCreated(token: token.text, record: record)
    }

    private func owner(of asked: TokenRequest, by caller: Caller) async throws -> AccessSubject {
        // Else one that leaked would bring forth others that nobody knows of.
        guard caller.actor.token == nil else {
            throw ControlError(
                "token-makes-token", "a token can't make tokens", remedy: "make it on the daemon's machine, by its socket", kind: .refused)
        }
        guard let own = AccessSubject(text: caller.actor.person) else { throw ControlError.invalid("'\(caller.actor)' can own no token") }
        let owner = asked.owner ?? own
        guard case .user = owner else {
            throw ControlError.invalid("a token belongs to a person, and \(owner) is none", remedy: "name somebody, as user:alice")
        }
        if owner != own { try await require(.manageAccess, in: .everything, of: caller) }
        let rights = owner == own ? caller.rights : Rights(try await grants(of: owner))
        guard rights.cover(asked.grant) else {
            throw ControlError(
                "token-exceeds-owner", "\(owner) may not do all that \(asked.grant) may",
                remedy: "ask for less, or have \(owner) be given more first",
                kind: .refused)
        }
        return owner
    }

    /// All of them to who may manage access; to others their own.
    func tokens(for caller: Caller) async throws -> [TokenRecord] {
        let tokens = try await store.tokens()
        if try await caller.may(.manageAccess, in: .everything) { return tokens }
        return tokens.filter { $0.owner.text == caller.actor.person }
    }

    /// It holds from the next request on.
    func revokeToken(_ name: TokenName, by caller: Caller) async throws -> TokenRecord {
        guard let record = try await tokens(for: caller).first(where: { $0.name == name }) else {
            throw ControlError("unknown-token", "there is no token '\(name)'", remedy: "see 'ingot token list' for those there are", kind: .notFound)
        }
        try await store.remove(record, by: caller.actor.text)
        return record
    }
}
