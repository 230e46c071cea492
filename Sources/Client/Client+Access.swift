public import API
public import IngotModel
import NIOHTTP1

extension Client {
    /// As whom the daemon knows the asker, and what that one may do.
    public func accessSelf() async throws -> AccessSelf { try await get(ResourcePath.accessSelf) }

    /// Every role that is given.
    public func grants() async throws -> [GrantRecord] { try await get(ResourcePath.grants) }

    /// Gives a role. Given again, nothing changes.
    public func grant(_ grant: Grant, to subject: AccessSubject) async throws -> [GrantRecord] {
        try await send(.POST, ResourcePath.grants, GrantRequest(subject: subject, grant: grant))
    }

    public func revoke(_ grant: Grant, of subject: AccessSubject) async throws -> [GrantRecord] {
        try await send(.POST, ResourcePath.revocations, GrantRequest(subject: subject, grant: grant))
    }

    // MARK: Tokens

    /// The only answer that holds the token.
    public func createToken(_ request: TokenRequest) async throws -> TokenCreated { try await send(.POST, ResourcePath.tokens, request) }

    /// The asker's own, and everybody's where the asker may manage access.
    public func tokens() async throws -> [TokenRecord] { try await get(ResourcePath.tokens) }

    public func revokeToken(_ name: TokenName) async throws -> TokenRecord { try await send(.DELETE, ResourcePath.token(name)) }
}
