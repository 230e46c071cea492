import API
import Client
import IngotModel
import Simulation
import Testing

@testable import ControlPlane

@Suite("What operators ask of a rollout")
struct OrderTests {
    static let canary = Strategy.canary(
        Canary(steps: [Canary.Step(share: BasisPoints(5_000), soak: 100, waitsForPromotion: true), Canary.Step(share: .whole, soak: 100)]))

    private func service(_ strategy: Strategy = canary) -> ServiceSpecification {
        serviceSpecification(environments: [environmentSpecification("production", strategy: strategy)])
    }

    private func wait(_ rig: DaemonRig, _ client: Client, _ what: Comment, until body: @escaping @Sendable (EnvironmentStatus) -> Bool) async throws {
        try await rig.whileTimePasses {
            try await eventually(nil, what) { (try? await client.status(of: production)).map(body) ?? false }
        }
    }

    @Test("a canary waits to be promoted, pauses and goes on, and is done when it is promoted")
    func promotion() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(service())
            _ = try await rig.deploy("1")
            let accepted = try await client.deploy("2", to: production)
            try await wait(rig, client, "the canary waits for somebody") { status in
                status.awaiting.contains { $0.what.hasPrefix("somebody to promote") }
            }
            let status = try await client.status(of: production)
            #expect(status.split == Split([ReleaseNumber(1): BasisPoints(5_000), ReleaseNumber(2): BasisPoints(5_000)]))
            #expect(status.fleets.map(\.size) == [2, 1])

            for _ in 0..<2 { _ = try await client.order(.pause, in: production, reason: "lunch") }
            try await wait(rig, client, "it pauses") { status in status.awaiting.contains { $0.what.hasPrefix("somebody to resume") } }
            _ = try await client.order(.promote, in: production)
            let record = try await rig.end(of: accepted)
            #expect(record.result == .succeeded)
            #expect(try await client.status(of: production).serving?.number == ReleaseNumber(2))
            let actions = try await client.events().map(\.action)
            #expect(actions.filter { $0 == .rolloutPaused }.count == 2 && actions.contains(.rolloutPromoted))
            #expect(try await client.verifyEvents().isIntact)
        }
    }

    @Test("a rollout that is aborted goes back and says why, and can be tried again in full")
    func abortion() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(service())
            _ = try await rig.deploy("1")
            let accepted = try await client.deploy("2", to: production)
            try await wait(rig, client, "the canary has traffic") { $0.split?[ReleaseNumber(2)] == BasisPoints(5_000) }
            _ = try await client.order(.abort, in: production, reason: "wrong price")
            let record = try await rig.end(of: accepted)
            #expect(record.result == .returned)
            #expect(record.reason?.hasSuffix("aborted it: wrong price") == true)
            #expect(try await client.status(of: production).serving?.number == ReleaseNumber(1))

            _ = try await client.order(.retry, in: production)
            try await wait(rig, client, "it is on its way again") { $0.rollout?.phase != nil && $0.rollout?.phase != "accepted" }
            _ = try await client.order(.promoteFull, in: production)
            try await wait(rig, client, "it serves") { $0.serving?.number == ReleaseNumber(2) && $0.rollout == nil }
            #expect((await clientError { _ = try await client.order(.pause, in: production) })?.code == "control.nothing-moves")
            #expect((await clientError { _ = try await client.order(.retry, in: production) })?.code == "control.nothing-to-retry")
        }
    }

    @Test("an environment is scaled up and down, and a release of another number ends it")
    func scale() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(service(.blueGreen))
            _ = try await rig.deploy("1")
            _ = try await client.scale(production, to: 5)
            try await wait(rig, client, "it has five") { $0.fleets.first?.instances.count == 5 }
            _ = try await client.scale(production, to: 3)
            try await wait(rig, client, "it has three") { $0.fleets.first?.instances.count == 3 }
            #expect(try await rig.deploy("2").result == .succeeded)
            #expect(try await client.status(of: production).fleets.first { $0.release == ReleaseNumber(2) }?.size == 3)
            _ = try await client.scale(production, to: nil)
            try await wait(rig, client, "it has what the release says") { $0.fleets.first { $0.release == ReleaseNumber(2) }?.instances.count == 2 }
            #expect((await clientError { _ = try await client.scale(production, to: 0) })?.fault == .user)
        }
    }

    @Test("a plan says what a deployment would do, and does nothing")
    func plan() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(service())
            _ = try await rig.deploy("1")
            let plan = try await client.plan("2", in: production)
            #expect(plan.release == ReleaseNumber(2) && plan.strategy == "canary" && plan.serving == ReleaseNumber(1))
            #expect(plan.steps.last?.awaiting.first?.hasPrefix("somebody to promote") == true)
            #expect(try await client.releases(of: production).count == 1)
            #expect(try await client.status(of: production).rollout == nil)
        }
    }
}

@Suite("Images that are not wanted any more")
struct RejectionTests {
    @Test("what runs of a rejected image goes back, and nothing brings it in again until it is accepted")
    func rejection() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            _ = try await rig.deploy("2")
            let answer = try await client.reject("2", because: "leaks addresses")
            #expect(answer.isRejected && answer.leaving == [production])
            try await rig.whileTimePasses {
                try await eventually(nil, "the last good release serves") {
                    let status = try await client.status(of: production)
                    return status.serving?.number == ReleaseNumber(1) && status.rollout == nil
                }
            }
            let refused = await clientError { _ = try await client.deploy("2", to: production) }
            #expect(refused?.fault == .gate && refused.map { ErrorReport($0).lines.joined() }?.contains("leaks addresses") == true)
            #expect((await clientError { _ = try await client.deploy("release:2", to: production) })?.code == "control.image-rejected")
            #expect((await clientError { _ = try await client.rollBack(production, to: ReleaseNumber(2)) })?.code == "control.image-rejected")
            #expect(try await client.accept(imageDigest(2)).isRejected == false)
            #expect(try await rig.deploy("2").result == .succeeded)
            #expect((await clientError { _ = try await client.accept(imageDigest(2)) })?.code == "control.not-found")
            #expect(try await client.verifyEvents().isIntact)
        }
    }

    @Test("a rejection is taken back by a tag, or by a digest or its first digits, also when the image is not here any more")
    func accepted() async throws {
        let rig = try DaemonRig()
        let daemon = try await rig.daemon()
        try await rig.with(daemon) { client in
            rig.images.tags["shop:old"] = imageDigest(4)
            let gone = Digest.of("gone")
            for (reference, image) in [("shop:old", imageDigest(4)), (gone.text, gone), (gone.short, gone), (gone.hex, gone)] {
                try await daemon.desk.store.reject(image, because: "bad", by: "user:root")
                let answer = try await client.accept(reference)
                #expect(answer.image == image && !answer.isRejected, "\(reference)")
            }
            #expect((await clientError { _ = try await client.accept("shop:old") })?.code == "control.not-found")
            #expect((await clientError { _ = try await client.accept("shop:none") })?.code == "control.unknown-image")
        }
    }

    @Test("a rollout of an image that is rejected meanwhile goes back")
    func underWay() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            let canary = environmentSpecification("production", strategy: OrderTests.canary)
            try await client.register(serviceSpecification(environments: [canary]))
            _ = try await rig.deploy("1")
            let accepted = try await client.deploy("2", to: production)
            try await rig.whileTimePasses {
                try await eventually(nil, "the canary has traffic") {
                    try await client.status(of: production).split?[ReleaseNumber(2)] == BasisPoints(5_000)
                }
            }
            #expect(try await client.reject("2", because: "bad").leaving == [production])
            let record = try await rig.end(of: accepted)
            #expect(record.result == .returned && record.reason?.contains("rejected") == true)
        }
    }

    @Test("what an environment went away from is deployed by a person only")
    func hold() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            _ = try await rig.deploy("2")
            _ = try await rig.end(of: try await client.rollBack(production))
            let held = await clientError { _ = try await client.deploy("2", to: production, isAutomatic: true) }
            #expect(held?.code == "control.held" && held?.message.contains("rolled back from it") == true)
            // A person whom a gate refuses has not lifted it.
            _ = try await client.reject("2", because: "bad")
            #expect((await clientError { _ = try await client.deploy("2", to: production) })?.fault == .gate)
            _ = try await client.accept(imageDigest(2))
            #expect((await clientError { _ = try await client.deploy("2", to: production, isAutomatic: true) })?.code == "control.held")
            #expect(try await rig.deploy("2").result == .succeeded)
            _ = try await client.deploy("2", to: production, isAutomatic: true)
            let actions = try await client.events().map(\.action)
            #expect(actions.contains(.holdPlaced) && actions.contains(.holdReleased))
        }
    }
}
