public import API
public import IngotModel
import NIOHTTP1

extension Client {
    /// Starts one instance outside every environment, for tests; returns when it is ready. Cancelled, it leaves none.
    ///
    /// The daemon watches the connection meanwhile and closes it after its answer, so no other request may follow on it.
    public func startThrowaway(_ request: ThrowawayRequest, of service: ServiceName) async throws -> Throwaway {
        try await send(.POST, ResourcePath.throwaways(service), request, isLast: true)
    }

    public func endThrowaway(_ id: InstanceID, of service: ServiceName) async throws {
        _ = try await connection.ask(.DELETE, ResourcePath.throwaway(id, of: service))
    }

    public func throwaway(_ id: InstanceID, of service: ServiceName) async throws -> ThrowawayState {
        try await get(ResourcePath.throwaway(id, of: service))
    }

    /// Lets all its processes stand still, or go on.
    public func setFrozen(_ isFrozen: Bool, throwaway id: InstanceID, of service: ServiceName) async throws {
        let _: ThrowawayFreeze = try await send(.PUT, ResourcePath.throwawayFreeze(id, of: service), ThrowawayFreeze(isFrozen: isFrozen))
    }

    /// What its readiness check says, asked once; `nil` when it is ready.
    public func hindrance(ofThrowaway id: InstanceID, of service: ServiceName) async throws -> String? {
        let answer: ThrowawayReadiness = try await get(ResourcePath.throwawayReadiness(id, of: service))
        return answer.hindrance
    }

    /// What an instance that was started with `recordsWrites` has written.
    public func writes(ofThrowaway id: InstanceID, of service: ServiceName) async throws -> WriteRecord {
        try await get(ResourcePath.throwawayWrites(id, of: service))
    }
}
