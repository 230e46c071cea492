public import API
public import IngotModel

extension Client {
    /// What is on record about an image, by service.
    public func evidence(for image: Digest) async throws -> [ImageRecord] { try await get(ResourcePath.evidence(for: image)) }

    /// What the promotion relied on that a release came of.
    public func promotion(of release: ReleaseNumber, in environment: EnvironmentID) async throws -> PromotionRecord {
        try await get(ResourcePath.promotion(of: release, in: environment))
    }
}
