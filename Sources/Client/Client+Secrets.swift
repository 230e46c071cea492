public import API
public import IngotModel
import NIOHTTP1

extension Client {
    /// What is known of an environment's secrets; never a value.
    public func secrets(of environment: EnvironmentID) async throws -> SecretsStatus { try await get(ResourcePath.secrets(environment)) }

    /// Asks the sources now, and rolls out what has changed.
    ///
    /// - Throws: `control.locked` when somebody else holds the environment.
    public func refreshSecrets(of environment: EnvironmentID, token: FencingToken? = nil) async throws -> SecretRefreshAnswer {
        try await send(.POST, ResourcePath.secretRefresh(environment), SecretRefreshRequest(token: token))
    }

    public func sealingKey(of environment: EnvironmentID) async throws -> SealingKeyAnswer { try await get(ResourcePath.sealingKey(environment)) }
}
