public import API
public import IngotModel
import NIOHTTP1

extension Client {
    /// Asks for several deployments as one. Returns as soon as every member is let in; `live` says how it goes.
    public func deploy(_ set: ReleaseSetRequest) async throws -> ReleaseSetStatus { try await send(.POST, ResourcePath.releaseSets, set) }

    /// What a set would do, without doing it.
    public func plan(_ set: ReleaseSetRequest) async throws -> ReleaseSetPlanned { try await send(.POST, ResourcePath.releaseSetPlan, set) }

    /// Newest first.
    public func releaseSets() async throws -> [ReleaseSetStatus] { try await get(ResourcePath.releaseSets) }

    public func releaseSet(_ number: ReleaseSetNumber) async throws -> ReleaseSetStatus { try await get(ResourcePath.releaseSet(number)) }

    /// The set now, and again after each change, until the caller stops or the daemon does.
    public func live(_ number: ReleaseSetNumber) -> LiveAnswer<ReleaseSetStatus> {
        LiveAnswer(connection, ResourcePath.liveReleaseSet(number))
    }

    /// Sends a set back; asking twice is asking once.
    public func order(_ kind: ReleaseSetOrder.Kind, set number: ReleaseSetNumber, reason: String? = nil) async throws -> ReleaseSetStatus {
        try await send(.POST, ResourcePath.orders(of: number), ReleaseSetOrder(kind: kind, reason: reason))
    }
}
