import API
import Client
import Foundation
import IngotModel
import Simulation
import Synchronization
import Testing

@testable import ControlPlane

/// Gates that say what a test tells them.
final class FakeGates: ImageGates {
    private struct State {
        var vulnerable: Set<IngotModel.Digest> = []
        var unreadable: Set<IngotModel.Digest> = []
        var advisories = "first"
    }
    private let state = Mutex(State())

    struct Unreadable: Error, CustomStringConvertible {
        var description: String { "a layer is damaged" }
    }

    /// Other advisories, by which these images are vulnerable; and images that can't be read any more.
    func publish(_ name: String, against images: Set<IngotModel.Digest>, unreadable: Set<IngotModel.Digest> = []) {
        state.withLock { $0 = State(vulnerable: images, unreadable: unreadable, advisories: name) }
    }

    func verdicts(on image: IngotModel.Digest, by policy: GatePolicy, at now: Timestamp) async throws -> [GateVerdict] {
        let (isVulnerable, isUnreadable) = state.withLock { ($0.vulnerable.contains(image), $0.unreadable.contains(image)) }
        if isUnreadable { throw Unreadable() }
        let objection = GateVerdict.Objection("openssl 3.0.1 is vulnerable: CVE-1 (high, mended in 3.0.2)", remedy: "rebuild on a newer base")
        // As large as `FakeImages` has it.
        let isTooLarge = policy.largestSize.map { $0 < .mebibytes(10) } ?? false
        return policy.gates.map { gate in
            let saysNo = gate == .vulnerabilities && isVulnerable || gate == .size && isTooLarge
            return GateVerdict(gate, of: image, at: now, objections: saysNo ? [objection] : [], summary: "as the test says")
        }
    }

    func advisories() async -> String? { state.withLock { $0.advisories } }
}

@Suite("Gates at a deployment and after it")
struct GateTests {
    private static func guarded() -> ServiceSpecification {
        var specification = serviceSpecification()
        specification.gates.vulnerabilities = VulnerabilityPolicy()
        return specification
    }

    private static func actions(_ client: Client) async throws -> [Event.Action] {
        try await client.events(limit: 1_000).map(\.action).filter {
            [.imageVulnerable, .imageMended, .promotionRefused, .gateFailed, .gatePassed].contains($0)
        }
    }

    @Test("an image that a gate says no to is not deployed, and why is told, recorded and an event; the next one is, with its evidence")
    func deployment() async throws {
        let rig = try DaemonRig()
        rig.gates.publish("second", against: [imageDigest(1)])
        try await rig.withDaemon { client in
            try await client.register(Self.guarded())
            let error = try #require(await clientError { _ = try await client.deploy("1", to: production) })
            #expect(error.code == "gates.refused" && error.fault == .gate && error.remedy == "rebuild on a newer base")
            #expect(error.remoteCauses == ["openssl 3.0.1 is vulnerable: CVE-1 (high, mended in 3.0.2)"])
            #expect(try await client.releases(of: production).isEmpty)
            #expect(try await client.plan("1", in: production).objections == error.remoteCauses)
            #expect(try await Self.actions(client) == [.imageVulnerable, .promotionRefused])
            let record = try #require(try await client.evidence(for: imageDigest(1)).first)
            #expect(record.service == shop && record.verdicts.map(\.gate) == [.secrets, .vulnerabilities])
            #expect(record.verdicts.map(\.passes) == [true, false])

            _ = try await rig.deploy("2")
            let promotion = try await client.promotion(of: ReleaseNumber(1), in: production)
            #expect(promotion.verdicts.map(\.passes) == [true, true] && promotion.tests.isEmpty)
            #expect(try await client.status(of: production).verdicts?.map(\.gate) == [.secrets, .vulnerabilities])
            #expect(try await client.services().first?.notices == [])
        }
    }

    @Test("what runs is examined again when there are other advisories, and told when it is vulnerable and when it is no longer; it runs on")
    func rescan() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(Self.guarded())
            _ = try await rig.deploy("1")
            rig.gates.publish("second", against: [imageDigest(1)])
            func eventuallyActions(_ expected: [Event.Action]) async throws {
                try await eventually(rig.host, step: .seconds(1), "\(expected)") { try await Self.actions(client) == expected }
            }
            try await eventuallyActions([.imageVulnerable])
            let event = try #require(try await client.events(limit: 1_000, environment: production).first { $0.action == .imageVulnerable })
            #expect(event.message.contains("which runs in shop/production, does not pass the gate 'vulnerabilities': openssl 3.0.1"))
            let status = try await client.status(of: production)
            #expect(status.serving?.number == ReleaseNumber(1) && status.verdicts?.map(\.passes) == [true, false])
            #expect(try await client.metrics().contains("gate=\"vulnerabilities\"} 0\n"))
            rig.gates.publish("third", against: [])
            try await eventuallyActions([.imageVulnerable, .imageMended])
            // The promotion keeps what it relied on.
            #expect(try await client.promotion(of: ReleaseNumber(1), in: production).verdicts.map(\.passes) == [true, true])
        }
    }

    @Test("what runs and can't be examined any more passes no gate, until it can be")
    func unreadable() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(Self.guarded())
            _ = try await rig.deploy("1")
            rig.gates.publish("second", against: [], unreadable: [imageDigest(1)])
            func eventuallyPasses(_ expected: [Bool]) async throws {
                try await eventually(rig.host, step: .seconds(1), "\(expected)") {
                    try await client.status(of: production).verdicts?.map(\.passes) == expected
                }
            }
            try await eventuallyPasses([false, false])
            let objection = try await client.status(of: production).verdicts?.first?.objections.first
            #expect(objection?.message == "could not be examined: a layer is damaged" && objection?.remedy.isEmpty == false)
            #expect(Set(try await Self.actions(client)) == [.gateFailed, .imageVulnerable])
            rig.gates.publish("third", against: [])
            try await eventuallyPasses([true, true])
        }
    }

    @Test("without a vulnerability gate nobody is stopped, and it is said that there is none")
    func unguarded() async throws {
        let rig = try DaemonRig()
        rig.gates.publish("second", against: [imageDigest(1)])
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            #expect(try await client.services().first?.notices?.first?.hasPrefix("no vulnerability gate is set") == true)
            #expect(try await client.evidence(for: imageDigest(1)).first?.verdicts.map(\.gate) == [.secrets])
        }
    }

    @Test("without a vulnerability gate what runs is examined again all the same, and a gate that is taken away has no say any more")
    func otherGates() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            try await client.register(serviceSpecification(largest: .mebibytes(5)))
            try await eventually(rig.host, step: .seconds(1), "the size is looked at") {
                try await client.status(of: production).verdicts?.map(\.gate) == [.secrets, .size]
            }
            #expect(try await client.status(of: production).verdicts?.map(\.passes) == [true, false])
            #expect(try await Self.actions(client) == [.gateFailed])
            try await client.register(serviceSpecification())
            #expect(try await client.status(of: production).verdicts?.map(\.gate) == [.secrets])
        }
    }

    @Test("what a gate said that is not asked any more is forgotten with the next examination")
    func forgotten() async throws {
        let folder = try TemporaryFolder()
        let store = try ControlStore(path: "\(folder.path)/ingot.db")
        func verdict(_ gate: GateVerdict.Gate) -> GateVerdict {
            GateVerdict(gate, of: imageDigest(1), at: Timestamp(secondsSince1970: 0), objections: [], summary: "")
        }
        try await store.register(serviceSpecification(largest: .mebibytes(20)), by: "user:root")
        try await store.record([ExaminedImage(verdicts: [verdict(.size), verdict(.secrets)], places: [])], of: shop)
        #expect(try await store.verdicts(on: imageDigest(1), of: shop).map(\.gate) == [.secrets, .size])
        try await store.record([ExaminedImage(verdicts: [verdict(.secrets)], places: [])], of: shop)
        #expect(try await store.verdicts(on: imageDigest(1), of: shop).map(\.gate) == [.secrets])
        try store.close()
    }

    @Test("a gate that is set later looks at what runs already, and stops nothing that runs")
    func setLater() async throws {
        let rig = try DaemonRig()
        rig.gates.publish("second", against: [imageDigest(1)])
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            try await client.register(Self.guarded())
            try await eventually(rig.host, step: .seconds(1), "the gate has looked") {
                try await client.status(of: production).verdicts?.map(\.passes) == [true, false]
            }
            #expect(try await client.status(of: production).serving?.number == ReleaseNumber(1))
        }
    }

    @Test("a rollback asks no gate")
    func rollback() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(Self.guarded())
            _ = try await rig.deploy("1")
            _ = try await rig.deploy("2")
            rig.gates.publish("second", against: [imageDigest(1), imageDigest(2)])
            #expect(try await rig.end(of: try await client.rollBack(production)).result == .succeeded)
        }
    }

    @Test("the first verdict is news when it says no, every later one when it differs")
    func changes() {
        let place = [ImagePlace(environment: production, use: .isKept)]
        func actions(_ before: Bool?, _ gate: GateVerdict.Gate, passes: Bool) -> [Event.Action] {
            let verdict = GateVerdict(
                gate, of: imageDigest(1), at: Timestamp(secondsSince1970: 0), objections: passes ? [] : [.init("why", remedy: "what")], summary: "")
            return VerdictChange(before: before, verdict: verdict).events(in: place).map(\.action)
        }
        #expect(actions(nil, .secrets, passes: true).isEmpty && actions(true, .size, passes: true).isEmpty)
        #expect(actions(nil, .secrets, passes: false) == [.gateFailed] && actions(false, .size, passes: true) == [.gatePassed])
        #expect(actions(true, .vulnerabilities, passes: false) == [.imageVulnerable])
        #expect(actions(false, .vulnerabilities, passes: false).isEmpty && actions(false, .vulnerabilities, passes: true) == [.imageMended])
    }
}

@Suite("When images are examined again")
struct RescanScheduleTests {
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text: "2026-11-\(text)Z")) }

    @Test(
        "once a night, at once by other advisories, after a daemon that was away at night, and when the clock was set back",
        arguments: [
            (nil, "26T12:00:00", true), ("26T03:00:00", "26T12:00:00", false), ("26T03:00:00", "27T02:29:59", false),
            ("26T03:00:00", "27T02:30:00", true), ("24T12:00:00", "26T01:00:00", true), ("27T12:00:00", "26T12:00:00", true),
        ] as [(String?, String, Bool)])
    func due(_ last: String?, _ now: String, _ isDue: Bool) throws {
        let rescan = try last.map { Rescan(at: try Self.time($0), basis: "a") }
        #expect(RescanSchedule.isDue(after: rescan, basis: "a", now: try Self.time(now)) == isDue)
    }

    @Test("other advisories or policies are looked at within half a minute")
    func basis() throws {
        let now = try Self.time("26T12:00:00")
        #expect(RescanSchedule.isDue(after: Rescan(at: now, basis: "a"), basis: "b", now: now))
        #expect(RescanSchedule.nextLook(now: now) == now + .seconds(30))
        #expect(RescanSchedule.nextLook(now: try Self.time("26T02:29:50")) == (try Self.time("26T02:30:00")))
    }
}
