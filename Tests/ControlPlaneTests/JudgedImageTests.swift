import API
import IngotModel
import Synchronization
import Testing

@testable import ControlPlane

/// Images by number, and the tag `newest`, which goes from the first to the second as soon as the first is examined. Only the first passes.
private final class MovingTag: ImageCatalog, ImageGates {
    private let hasMoved = Mutex(false)

    func resolve(_ reference: String) async throws -> IngotModel.Digest? {
        guard reference == "newest" else { return try await FakeImages().resolve(reference) }
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

/// Gates that say nothing of one image until they are told to.
private final class SlowGates: ImageGates {
    private let slow: IngotModel.Digest
    private let asked = Mutex(false)
    private let waiting: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init(_ slow: IngotModel.Digest) {
        self.slow = slow
        let stream = AsyncStream<Void>.makeStream()
        waiting = stream.stream
        end = stream.continuation
    }

    var isAsked: Bool { asked.withLock { $0 } }
    func answer() { end.finish() }

    func verdicts(on image: IngotModel.Digest, by policy: GatePolicy, at now: Timestamp) async throws -> [GateVerdict] {
        if image == slow {
            asked.withLock { $0 = true }
            for await _ in waiting {}
        }
        return try await FakeGates().verdicts(on: image, by: policy, at: now)
    }

    func advisories() async -> String? { nil }
}

@Suite("What is judged and what is released")
struct JudgedImageTests {
    @Test("a tag that moves while its image is examined brings in no image that no gate let through")
    func movingTag() async throws {
        let tag = MovingTag()
        let rig = try ReleaseSetRig(images: tag, gates: tag)
        try await rig.instant { life throws in
            let shop = Storefront.id("shop")
            _ = try? await life.deployments.deploy("newest", to: shop, by: "user:root")
            #expect(try await life.store.releases(of: shop, limit: 10).allSatisfy { $0.image == imageDigest(1) })
        }
    }

    @Test(
        "neither a rollback nor another service waits for an examination; what a rollback overtakes is neither deployed nor promoted",
        .timeLimit(.minutes(2)), arguments: [false, true])
    func slowGate(_ isPromotion: Bool) async throws {
        let gates = SlowGates(imageDigest(3))
        let rig = try ReleaseSetRig(gates: gates)
        try await rig.deployFirst()
        try await rig.running(sets: false) { life in
            let shop = Storefront.id("shop")
            _ = try await life.deployments.deploy("2", to: shop, by: "user:root")
            try await eventually(rig.host, "the second release serves") { await life.areQuiet() }
            let slow = Task {
                if isPromotion {
                    _ = try await life.deployments.promote(PromotionRequest(reference: "3"), into: shop, by: "user:root")
                } else {
                    _ = try await life.deployments.deploy("3", to: shop, by: "user:root")
                }
            }
            try await eventually(nil, "the third image is examined") { gates.isAsked }
            #expect(try await life.deployments.rollBack(shop, to: nil, by: "user:root").image == imageDigest(1))
            _ = try await life.deployments.deploy("2", to: Storefront.id("search"), by: "user:root")
            gates.answer()
            let error = await #expect(throws: ControlError.self) { _ = try await slow.value }
            #expect(error?.code == "control.overtaken")
        }
    }

    @Test("a verdict counts for the image and the policy that the gates were asked about, and for no other")
    func outdated() throws {
        let judgement = Judgements.Judgement(image: imageDigest(1), policy: GatePolicy(), verdicts: .success([]))
        let judgements = Judgements(place: 1, byEnvironment: [production: judgement])
        #expect(try judgements.verdicts(on: imageDigest(1), by: GatePolicy(), in: production).isEmpty)
        #expect(throws: JudgementOutdated.self) { try judgements.verdicts(on: imageDigest(2), by: GatePolicy(), in: production) }
        #expect(throws: JudgementOutdated.self) { try judgements.verdicts(on: imageDigest(1), by: GatePolicy(largestSize: 1), in: production) }
        #expect(throws: JudgementOutdated.self) { try judgements.verdicts(on: imageDigest(1), by: GatePolicy(), in: staging) }
    }
}
