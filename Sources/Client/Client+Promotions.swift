public import API
public import IngotModel
import NIOHTTP1

extension Client {
    /// Lets an image into an environment without deploying it.
    public func promote(
        _ reference: String, into environment: EnvironmentID, token: FencingToken? = nil, overrideFreeze: String? = nil
    ) async throws -> PromotionAnswer {
        try await send(
            .POST, ResourcePath.promotions(environment), PromotionRequest(reference: reference, token: token, overrideFreeze: overrideFreeze))
    }

    /// How every gate stands to an image.
    public func why(_ reference: String, in environment: EnvironmentID) async throws -> PromotionReport {
        try await send(.POST, ResourcePath.why(environment), PromotionRequest(reference: reference))
    }

    public func decide(_ request: ApprovalRequest, in environment: EnvironmentID) async throws -> ApprovalAnswer {
        try await send(.POST, ResourcePath.approvals(environment), request)
    }

    /// What was decided about an image, oldest first.
    public func approvals(of image: Digest, in environment: EnvironmentID) async throws -> [Approval] {
        try await get("\(ResourcePath.approvals(environment))?image=\(image)")
    }

    public func freeze(_ environment: EnvironmentID, _ request: FreezeRequest) async throws -> FreezeStatus {
        try await send(.PUT, ResourcePath.freeze(environment), request)
    }

    public func thaw(_ environment: EnvironmentID) async throws -> FreezeStatus { try await send(.DELETE, ResourcePath.freeze(environment)) }
}
