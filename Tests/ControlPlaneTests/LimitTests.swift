// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Client
import IngotModel
import Synchronization
import Testing

@testable import ControlPlane

/// Images by number, and the tag `newest`, which names another one each time that it is asked.
private final class RestlessTag: ImageCatalog {
    private let next = Mutex(0)

    func resolve(_ reference: String) async throws -> IngotModel.Digest? {
        guard reference == "newest" else { return try await FakeImages().resolve(reference) }
        let number = next.withLock { next in
            next += 1
            return next
        }
        return imageDigest(number)
    }

    func facts(of image: IngotModel.Digest) async throws -> ImageFacts? { try await FakeImages().facts(of: image) }

    func collectGarbage(pinned: Set<IngotModel.Digest>) async throws -> GarbageReport { try await FakeImages().collectGarbage(pinned: pinned) }
}

@Suite("What has an end")
struct LimitTests {
    @Test("a tag that never rests is given up after some examinations, and nothing is deployed")
    func movingTag() async throws {
        let rig = try ReleaseSetRig(images: RestlessTag())
        try await rig.instant { life throws in
            let environment = Storefront.id("shop")
            let error = await #expect(throws: ControlError.self) { _ = try await life.deployments.deploy("newest", to: environment, by: "user:root") }
            #expect(error?.code == "control.image-moves")
            #expect(try await life.store.releases(of: environment, limit: 10).isEmpty)
        }
    }

    @Test("one person decides about an image so many times and not more often, which keeps nobody else from it")
    func approvals() async throws {
        let rig = try ReleaseSetRig()
        try await rig.instant { life throws in
            func decide(_ actor: String) async throws {
                let request = ApprovalRequest(reference: "1", decision: .rejected, reason: "not ready")
                _ = try await life.deployments.decide(request, in: Storefront.id("shop"), by: actor)
            }
            for _ in 0..<Limits.approvals { try await decide("user:bob") }
            let error = await #expect(throws: ControlError.self) { try await decide("user:bob") }
            #expect(error?.code == "control.too-many-approvals")
            try await decide("user:carol")
        }
    }

    @Test("two tokens are not called the same")
    func tokenNames() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            let request = TokenRequest(name: TokenName("ci")!, grant: Grant(.viewer))
            _ = try await client.createToken(request)
            #expect(await clientError { _ = try await client.createToken(request) }?.code == "control.token-name-taken")
            _ = try await client.revokeToken(TokenName("ci")!)
        }
    }
}
