import API
import Client
import Engine
import Foundation
import IngotModel
import Rollout
import Simulation
import Synchronization
import Testing

@testable import ControlPlane
@testable import Gates

/// Deployments over a simulated machine, asked for by people of any name, without a daemon that would know who they are.
private struct Market {
    let rig: ReleaseSetRig
    let images: FakeImages
    let signed: SignedGates

    /// Production asks for an approval unless it is said otherwise.
    static let approved = environmentSpecification("production", approval: true)

    init() throws {
        images = FakeImages()
        signed = SignedGates()
        rig = try ReleaseSetRig(images: images, gates: signed)
    }

    func with<Result: Sendable>(
        _ specification: ServiceSpecification, _ body: @Sendable (ReleaseSetRig.Life) async throws -> Result
    ) async throws -> Result {
        try await rig.instant { life throws in
            try await life.store.register(specification, by: "user:root")
            for environment in specification.environments {
                let id = EnvironmentID(service: shop, environment: environment.name)
                let executor = Executor(engine: rig.host.engine, router: rig.host.router)
                life.controllers.add(try await EnvironmentController(id, executor: executor, store: life.store, logger: quiet))
            }
            return try await body(life)
        }
    }
}

/// Gates that let everything through, and documents that somebody has signed.
final class SignedGates: ImageGates {
    private let documents = Mutex<[SignedDocument]>([])

    func add(_ document: SignedDocument) { documents.withLock { $0.append(document) } }
    func removeAll() { documents.withLock { $0 = [] } }

    func verdicts(on image: IngotModel.Digest, by policy: GatePolicy, at now: Timestamp) async throws -> [GateVerdict] {
        policy.gates.map { GateVerdict($0, of: image, at: now, objections: [], summary: "as the test says") }
    }

    func advisories() async -> String? { nil }

    func signed(about image: IngotModel.Digest, keys: [VerificationKey]) async throws -> SignedEvidence {
        SignedEvidence(documents.withLock { $0 }, about: image, keys: keys)
    }
}

extension Deployments {
    fileprivate func approve(_ reference: String, override: Bool = false, by actor: String) async throws -> ApprovalAnswer {
        try await decide(
            ApprovalRequest(reference: reference, decision: .approved, reason: "looked at it", overridesFreeze: override), in: production, by: actor)
    }
}

/// The code of the error that something ends with, and what lies beneath.
private func refusal(_ body: () async throws -> Void) async -> ErrorReport? {
    do {
        try await body()
        return nil
    } catch { return ErrorReport(error) }
}

@Suite("Promotion, approval and freezes")
struct PromotionTests {
    private static func actions(_ life: ReleaseSetRig.Life) async throws -> [Event.Action] {
        try await life.store.events(after: 0, limit: 1_000, environment: production).map(\.action)
    }

    @Test("an image that another person approved is deployed; before that it is refused, and says what is missing")
    func approveAndDeploy() async throws {
        let market = try Market()
        try await market.with(serviceSpecification(environments: [Market.approved])) { life throws in
            let deployments = life.deployments
            let refused = try #require(await refusal { _ = try await deployments.deploy("1", to: production, by: "user:ada") })
            #expect(refused.code == "gates.refused" && refused.fault == .gate)
            #expect(refused.causes == ["production asks for an approval, and nobody has approved it"])
            let answer = try await deployments.approve("1", by: "user:bob")
            #expect(answer.approval.image == imageDigest(1) && answer.gate?.isOpen == true)
            #expect(answer.approval.expiresAt == answer.approval.at + .minutes(1_440))
            #expect(try await deployments.deploy("1", to: production, by: "user:ada").release == ReleaseNumber(1))
            let release = try #require(try await life.store.release(ReleaseNumber(1), of: production))
            let gates = try #require(try await life.store.promotion(of: release)?.gates)
            #expect(gates.last?.gate == .approval && gates.last?.facts.map(\.by) == ["user:bob"])
            #expect(try await Self.actions(life) == [.promotionRefused, .promotionApproved, .imagePromoted, .releaseCreated])
        }
    }

    @Test("nobody's own approval counts: not that of who deploys, who tested it, or who had it promoted before")
    func fourEyes() async throws {
        let market = try Market()
        let specification = serviceSpecification(tests: ["unit"], environments: [environmentSpecification("staging"), Market.approved])
        try await market.with(specification) { life throws in
            let deployments = life.deployments
            let evidence = TestEvidence(image: imageDigest(1), test: "unit", passed: true, took: 10, output: "", by: "user:ada")
            try await life.store.add(evidence, to: shop, by: "user:ada")
            _ = try await deployments.deploy("1", to: staging, by: "user:eve")
            for author in ["user:ada", "user:eve"] {
                let refused = try #require(await refusal { _ = try await deployments.approve("1", by: author) })
                #expect(refused.code == "control.four-eyes" && refused.fault == .gate && refused.message.hasPrefix(author))
            }
            _ = try await deployments.approve("1", by: "user:bob")
            let own = try #require(await refusal { _ = try await deployments.deploy("1", to: production, by: "user:bob") })
            #expect(own.causes == ["production asks for an approval, and nobody has approved it"])
            #expect(own.remedy?.contains("another person than user:ada, user:bob, user:eve") == true)
            _ = try await deployments.deploy("1", to: production, by: "user:ada")
        }
    }

    @Test("an approval has ended at its very end, is of one digest, and is outdone by a rejection until the same person approves")
    func ends() async throws {
        let market = try Market()
        try await market.with(serviceSpecification(environments: [Market.approved])) { life throws in
            let deployments = life.deployments
            _ = try await deployments.approve("1", by: "user:bob")
            #expect(await refusal { _ = try await deployments.deploy("2", to: production, by: "user:ada") } != nil)
            #expect(try await deployments.why("1", in: production).mayRun)
            market.rig.host.advance(by: .minutes(1_440))
            #expect(try await !deployments.why("1", in: production).mayRun)
            _ = try await deployments.approve("1", by: "user:bob")
            let rejection = ApprovalRequest(reference: "1", decision: .rejected, reason: "not today")
            _ = try await deployments.decide(rejection, in: production, by: "user:eve")
            let refused = try #require(await refusal { _ = try await deployments.deploy("1", to: production, by: "user:ada") })
            #expect(refused.causes == ["user:eve rejected it for production: not today"])
            _ = try await deployments.approve("1", by: "user:eve")
            #expect(try await deployments.why("1", in: production).mayRun)
            #expect(
                try await deployments.approvals(of: imageDigest(1), in: production).map(\.decision) == [.approved, .approved, .rejected, .approved])
        }
    }

    @Test("a rejection says why, an environment that asks for nothing is approved by nobody, and `latest` is nobody's name")
    func impossible() async throws {
        let market = try Market()
        try await market.with(serviceSpecification()) { life throws in
            let deployments = life.deployments
            let rejection = ApprovalRequest(reference: "1", decision: .rejected, reason: " ")
            #expect(await refusal { _ = try await deployments.decide(rejection, in: production, by: "user:eve") }?.fault == .user)
            #expect(await refusal { _ = try await deployments.approve("1", by: "user:bob") }?.message == "production asks for no approval")
            #expect(await refusal { _ = try await deployments.deploy("shop:latest", to: production, by: "user:ada") }?.code == "store.tag-latest")
        }
    }

    // MARK: Promoting

    @Test("a promotion is recorded and moves the environment's tag, deploys nothing, and a tag of the service need not name it")
    func promote() async throws {
        let market = try Market()
        try await market.with(serviceSpecification()) { life throws in
            market.images.tags["shop:1.4.0"] = imageDigest(3)
            let answer = try await life.deployments.promote(PromotionRequest(reference: "1.4.0"), into: production, by: "user:ada")
            #expect(answer.image == imageDigest(3) && answer.tag == "shop:production" && answer.gates.allSatisfy(\.isOpen))
            #expect(market.images.tags["shop:production"] == imageDigest(3))
            #expect(try await life.store.releases(of: production).isEmpty)
            #expect(try await Self.actions(life) == [.imagePromoted])
            #expect(try await life.deployments.why("production", in: production).image == imageDigest(3))
        }
    }

    @Test("what a gate refuses is not promoted, and the tag stays")
    func refusedPromotion() async throws {
        let market = try Market()
        try await market.with(serviceSpecification(environments: [Market.approved])) { life throws in
            #expect(
                await refusal { _ = try await life.deployments.promote(PromotionRequest(reference: "1"), into: production, by: "user:ada") }?.code
                    == "gates.refused")
            #expect(market.images.tags["shop:production"] == nil)
        }
    }

    @Test("an environment's tag is the last promotion, until a rollout that ended later says what serves")
    func tag() {
        let at = Timestamp(secondsSince1970: 100)
        let promotion = (image: imageDigest(2), at: at)
        #expect(EnvironmentTags.image(promotion: nil, lastEnd: nil, serving: nil) == nil)
        #expect(EnvironmentTags.image(promotion: nil, lastEnd: at, serving: imageDigest(1)) == imageDigest(1))
        #expect(EnvironmentTags.image(promotion: promotion, lastEnd: nil, serving: imageDigest(1)) == imageDigest(2))
        #expect(EnvironmentTags.image(promotion: promotion, lastEnd: at, serving: imageDigest(1)) == imageDigest(2))
        #expect(EnvironmentTags.image(promotion: promotion, lastEnd: at + 1, serving: imageDigest(1)) == imageDigest(1))
        #expect(EnvironmentTags.image(promotion: promotion, lastEnd: at + 1, serving: nil) == imageDigest(2))
    }

    // MARK: Freezes

    @Test("a freeze stops what is new, also a release that is there, and never a rollback; two may override it")
    func freeze() async throws {
        let market = try Market()
        try await market.with(serviceSpecification()) { life throws in
            let deployments = life.deployments
            _ = try await deployments.deploy("1", to: production, by: "user:ada")
            let status = try await deployments.freeze(production, FreezeRequest(reason: "the big day"), by: "user:eve")
            #expect(status.inForce == FreezeInForce(reason: "the big day", by: "user:eve"))
            for reference in ["2", "release:1"] {
                let refused = try #require(await refusal { _ = try await deployments.deploy(reference, to: production, by: "user:ada") })
                #expect(refused.causes == ["production is frozen by user:eve: the big day"], "\(reference)")
            }
            for reference in ["2", "release:1"] {
                #expect(try await deployments.plan(reference, in: production).objections == ["production is frozen by user:eve: the big day"])
            }
            _ = try await deployments.rollBack(production, to: ReleaseNumber(1), by: "user:ada")

            #expect(await refusal { _ = try await deployments.deploy("2", to: production, override: "it burns", by: "user:ada") } != nil)
            _ = try await deployments.approve("2", override: true, by: "user:bob")
            #expect(await refusal { _ = try await deployments.deploy("2", to: production, by: "user:ada") } != nil)
            for nothing in ["", " ", "a\nb"] {
                let refused = await refusal { _ = try await deployments.deploy("2", to: production, override: nothing, by: "user:ada") }
                #expect(refused != nil, "\(nothing)")
                #expect(await refusal { _ = try await deployments.deploy("release:1", to: production, override: nothing, by: "user:ada") } != nil)
            }
            _ = try await deployments.deploy("2", to: production, override: "it burns", by: "user:ada")
            #expect(try await Self.actions(life).contains(.freezeOverridden))

            #expect(try await deployments.thaw(production, by: "user:eve").lifted?.reason == "the big day")
            _ = try await deployments.deploy("3", to: production, by: "user:ada")
            #expect(try await deployments.thaw(production, by: "user:eve").lifted == nil)
        }
    }

    @Test("what somebody has rejected here is not deployed again by its release's number, and may be gone back to")
    func rejectedRelease() async throws {
        let market = try Market()
        try await market.with(serviceSpecification()) { life throws in
            let deployments = life.deployments
            for image in ["1", "2"] { _ = try await deployments.deploy(image, to: production, by: "user:ada") }
            _ = try await deployments.decide(ApprovalRequest(reference: "1", decision: .rejected, reason: "it leaks"), in: production, by: "user:eve")
            let refused = try #require(await refusal { _ = try await deployments.deploy("release:1", to: production, by: "user:ada") })
            #expect(refused.code == "gates.refused" && refused.causes == ["user:eve rejected it for production: it leaks"])
            #expect(try await deployments.plan("release:1", in: production).objections == refused.causes)
            _ = try await deployments.rollBack(production, to: ReleaseNumber(1), by: "user:ada")
            // There is nothing to approve, and yet whoever rejected it may take that back, and nobody else.
            #expect(await refusal { _ = try await deployments.approve("1", by: "user:bob") } != nil)
            _ = try await deployments.approve("1", by: "user:eve")
            #expect(try await deployments.plan("release:1", in: production).objections == [])
            #expect(await refusal { _ = try await deployments.approve("1", by: "user:eve") } != nil)
        }
    }

    @Test("who had a hand in an image may take back that they rejected it, and has not approved it by that")
    func ownRejection() async throws {
        let market = try Market()
        try await market.with(serviceSpecification(tests: ["unit"], environments: [Market.approved])) { life throws in
            let deployments = life.deployments
            let evidence = TestEvidence(image: imageDigest(1), test: "unit", passed: true, took: 10, output: "", by: "user:ada")
            try await life.store.add(evidence, to: shop, by: "user:ada")
            _ = try await deployments.decide(ApprovalRequest(reference: "1", decision: .rejected, reason: "wait"), in: production, by: "user:ada")
            #expect(await refusal { _ = try await deployments.approve("1", override: true, by: "user:ada") }?.code == "control.four-eyes")
            _ = try await deployments.approve("1", by: "user:ada")
            let missing = try await deployments.why("1", in: production).gates.flatMap(\.refusals).map(\.message)
            #expect(missing == ["production asks for an approval, and nobody has approved it"])
            #expect(await refusal { _ = try await deployments.approve("1", by: "user:ada") }?.code == "control.four-eyes")
        }
    }

    @Test("a freeze of ingot.yaml holds by the clocks of its zone, and one that was placed ends at its end")
    func freezeTimes() async throws {
        let market = try Market()
        let always = FreezeWindow(.weekly([WeekSpan(from: 0, until: 0)]), zone: "Europe/Berlin", reason: "always")
        let frozen = environmentSpecification("production", promotion: PromotionRules(freezes: [always]))
        try await market.with(serviceSpecification(environments: [frozen])) { life throws in
            #expect(try await life.deployments.freezeStatus(of: production).inForce?.reason == "always")
            #expect(try await life.deployments.thaw(production, by: "user:eve").inForce?.reason == "always")
        }
        let open = try Market()
        try await open.with(serviceSpecification()) { life throws in
            let until = life.store.clock.now() + .minutes(5)
            _ = try await life.deployments.freeze(production, FreezeRequest(reason: "x", until: until), by: "user:eve")
            open.rig.host.advance(by: .minutes(5))
            #expect(try await life.deployments.freezeStatus(of: production).inForce == nil)
            let past = FreezeRequest(reason: "x", until: until)
            #expect(await refusal { _ = try await life.deployments.freeze(production, past, by: "user:eve") }?.fault == .user)
        }
    }

    // MARK: Starts

    @Test("an instance starts only as long as what its release was promoted with is signed by a key that is trusted now")
    func starts() async throws {
        let market = try Market()
        let (key, other) = (SigningKey(), SigningKey())
        @Sendable func production(trusting key: SigningKey) -> ServiceSpecification {
            let rule = SignatureRule(types: ["signature"], keys: [TrustedKey(name: "a.pub", pem: key.verificationKey.pem)])
            return serviceSpecification(environments: [environmentSpecification("production", promotion: PromotionRules(signatures: [rule]))])
        }
        try await market.with(production(trusting: key)) { life throws in
            let starts = VerifiedStarts(signatures: market.signed)
            let fleet = FleetID(environment: ControlPlaneTests.production, release: ReleaseNumber(1))
            #expect(await refusal { try await starts.check(imageDigest(1), of: fleet) }?.code == "control.starts-not-ready")
            starts.answer(from: life.store)
            #expect(await refusal { try await starts.check(imageDigest(1), of: fleet) }?.code == "control.start-unknown")

            let unsigned = try #require(await refusal { _ = try await life.deployments.deploy("1", to: fleet.environment, by: "user:ada") })
            #expect(unsigned.causes.first?.contains("a.pub has not signed it") == true)
            let statement = try Statement(
                about: Subject(name: nil, digest: imageDigest(1)), predicateType: PredicateType.signature.uri, predicate: Array("{}".utf8))
            let document = SignedDocument.bundle(try await key.sign(statement).encode())
            market.signed.add(document)
            _ = try await life.deployments.deploy("1", to: fleet.environment, by: "user:ada")
            try await starts.check(imageDigest(1), of: fleet)

            market.signed.removeAll()
            #expect(await refusal { try await starts.check(imageDigest(1), of: fleet) }?.code == "control.start-unverified")
            market.signed.add(document)
            try await life.store.register(production(trusting: other), by: "user:root")
            #expect(await refusal { try await starts.check(imageDigest(1), of: fleet) }?.code == "control.start-unverified")
            try await life.store.register(production(trusting: key), by: "user:root")
            try await life.store.reject(imageDigest(1), because: "leaks", by: "user:eve")
            #expect(await refusal { try await starts.check(imageDigest(1), of: fleet) }?.code == "control.start-rejected")
            #expect(await refusal { try await starts.check(imageDigest(1), of: fleet) }?.code == "control.start-rejected")
            let events = try await life.store.events(after: 0, limit: 1_000, environment: fleet.environment).filter { $0.action == .startRefused }
            #expect(events.count == 3 && events.last?.message == "image \(imageDigest(1).short) was rejected: leaks")
        }
    }

    // MARK: Over the socket

    @Test("the daemon answers who asks: what is missing, a promotion, a freeze, and what an approver can't")
    func socket() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client throws in
            let approved = environmentSpecification("production", isProduction: true, approval: true)
            try await client.register(serviceSpecification(environments: [approved]))
            let report = try await client.why("1", in: production)
            #expect(!report.mayRun && report.gates.map(\.gate) == [.rejection, .commit, .secrets, .approval] && !report.serves)
            let answer = try await client.decide(ApprovalRequest(reference: "1", decision: .approved), in: production)
            #expect(answer.gate?.isOpen == true)
            // Whoever asks is the same user here.
            let error = try #require(await clientError { _ = try await client.promote("1", into: production) })
            #expect(error.code == "gates.refused" && error.fault == .gate)
            #expect(try await client.approvals(of: imageDigest(1), in: production).count == 1)

            try await client.register(serviceSpecification())
            #expect(try await client.freeze(production, FreezeRequest(reason: "x")).inForce?.reason == "x")
            #expect(try await client.thaw(production).inForce == nil)
            _ = try await client.promote("1", into: production)
            #expect(rig.images.tags["shop:production"] == imageDigest(1))
            _ = try await rig.deploy("2")
            try await eventually(rig.host, "the tag follows") { rig.images.tags["shop:production"] == imageDigest(2) }
            #expect(try await rig.end(of: try await client.deploy("1", to: production)).result == .succeeded)
            #expect(try await rig.end(of: try await client.rollBack(production)).result == .succeeded)
            try await eventually(rig.host, "the tag goes back") { rig.images.tags["shop:production"] == imageDigest(2) }
        }
    }
}
