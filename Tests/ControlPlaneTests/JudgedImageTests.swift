import API
import IngotModel
import Synchronization
import Testing

@testable import ControlPlane

/// Images by number, and the tag `latest`, which goes from the first to the second as soon as the first is examined. Only the first passes.
private final class MovingTag: ImageCatalog, ImageGates {
    private let hasMoved = Mutex(false)

    func resolve(_ reference: String) async throws -> IngotModel.Digest? {
        guard reference == "latest" else { return try await FakeImages().resolve(reference) }
        return imageDigest(hasMoved.withLock { $0 } ? 2 : 1)
    }

    func facts(of image: IngotModel.Digest) async throws -> ImageFacts? { try await FakeImages().facts(of: image) }

    func collectGarbage(pinned: Set<IngotModel.Digest>) async throws -> GarbageReport { try await FakeImages().collectGarbage(pinned: pinned) }

    func verdicts(on image: IngotModel.Digest, by policy: GatePolicy, at now: Timestamp) async throws -> [GateVerdict] {
        hasMoved.withLock { $0 = true }
        let objections = image == imageDigest(1) ? [] : [GateVerdict.Objection("it is not the first", remedy: "build it again")]
        return policy.gates.map { GateVerdict($0, of: image, at: now, objections: objections, summary: "as the test says") }
    }

    func advisories() async -> String? { nil }
}

@Suite("What is judged and what is released")
struct JudgedImageTests {
    @Test("a tag that moves while its image is examined brings in no image that no gate let through")
    func movingTag() async throws {
        let tag = MovingTag()
        let rig = try ReleaseSetRig(images: tag, gates: tag)
        try await rig.instant { life in
            let shop = Storefront.id("shop")
            _ = try? await life.deployments.deploy("latest", to: shop, by: "user:root")
            #expect(try await life.store.releases(of: shop, limit: 10).allSatisfy { $0.image == imageDigest(1) })
        }
    }
}
