public import API
public import IngotModel
import NIOHTTP1

extension Client {
    /// Holds an environment, so that nobody else deploys there.
    ///
    /// - Throws: `control.locked` when somebody else holds it.
    public func lock(_ environment: EnvironmentID, _ request: LockRequest) async throws -> LockGrant {
        try await send(.POST, ResourcePath.lock(environment), request)
    }

    /// A heartbeat: the lock holds from now on for its length.
    ///
    /// - Throws: `control.lock-lost` when it has ended.
    public func renewLock(_ token: FencingToken, of environment: EnvironmentID) async throws -> LockGrant {
        try await send(.PUT, ResourcePath.lock(token, of: environment))
    }

    /// Gives a lock back; nothing happens where it has ended.
    public func releaseLock(_ token: FencingToken, of environment: EnvironmentID) async throws {
        _ = try await connection.ask(.DELETE, ResourcePath.lock(token, of: environment))
    }

    /// Takes the lock from whoever has it.
    public func unlock(_ environment: EnvironmentID) async throws -> UnlockAnswer { try await send(.DELETE, ResourcePath.lock(environment)) }
}
