// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import IngotModel
import Testing

@testable import ingot

@Suite struct SetViewTests {
    static func set(_ state: ReleaseSetStatus.State, reason: String? = nil, left: String? = nil, awaiting: [String] = []) -> ReleaseSetStatus {
        let image = Digest(hex: String(repeating: "ab", count: 32))!
        var traffic = ReleaseSetStatus.Traffic()
        traffic.served = 12_345
        return ReleaseSetStatus(
            number: ReleaseSetNumber(3), name: ReleaseSetName("storefront")!, environment: EnvironmentName("production")!, state: state,
            reason: reason, acceptedAt: Timestamp(secondsSince1970: 1_000),
            endedAt: state.hasEnded ? Timestamp(secondsSince1970: 1_042) : nil, requestedBy: "user:root",
            members: [
                .init(
                    environment: EnvironmentID(text: "catalog/production")!, after: [], image: image, release: ReleaseNumber(7),
                    before: ReleaseNumber(6), phase: left == nil ? "succeeded" : "left to a person", reason: left, rollouts: [Generation(9)]),
                .init(
                    environment: EnvironmentID(text: "shop/production")!, after: [ServiceName("catalog")!], image: image,
                    release: ReleaseNumber(1), before: nil, phase: "moving", reason: nil, rollouts: []),
            ], awaiting: awaiting, steps: [RolloutStep(at: Timestamp(secondsSince1970: 1_001), what: "catalog: begins")], traffic: traffic)
    }

    private static let now = Timestamp(secondsSince1970: 1_012)

    @Test("a set under way shows its members and what it waits for")
    func moving() {
        #expect(
            SetView(value: Self.set(.moving, awaiting: ["shop to serve release 1"]), now: Self.now, hasSteps: true).lines(.plain) == [
                "set 3, storefront, in production: under way",
                "",
                "SERVICE  STATE      RELEASE  BEFORE  IMAGE         AFTER    WHY",
                "catalog  succeeded        7       6  abababababab",
                "shop     moving           1       –  abababababab  catalog",
                "",
                "waits for     shop to serve release 1",
                "requests      12,345 served, 0 failed, 0 retried, 0 cut",
                "asked for by  user:root",
                "since         12.0 s",
                "",
                " AFTER  WHAT HAPPENED",
                "1.00 s  catalog: begins",
            ])
    }

    @Test(
        "how a set stands is the first line",
        arguments: [
            (set(.succeeded), "every member serves its release"), (set(.goingBack, reason: "shop broke"), "goes back: shop broke"),
            (set(.returned, reason: "shop broke"), "went back: shop broke; all is as it was before"),
            (set(.returned, reason: "shop broke", left: "no disk"), "went back: shop broke; left to a person: catalog"),
        ])
    func headline(_ set: ReleaseSetStatus, _ words: String) {
        #expect(SetView(value: set, now: Self.now).lines(.plain).first == "set 3, storefront, in production: \(words)")
    }

    @Test("the status of an environment says to which set it belongs")
    func membership() {
        var status = EnvironmentStatus(
            environment: EnvironmentID(text: "shop/production")!, host: "shop.test", serving: nil, rollout: nil, lastRollout: nil, split: nil,
            fleets: [], awaiting: [], problems: [])
        status.set = ReleaseSetMembership(number: ReleaseSetNumber(3), name: ReleaseSetName("storefront")!, awaiting: ["catalog to succeed"])
        let lines = EnvironmentView(value: status, now: Self.now).lines(.plain)
        #expect(lines.contains("  belongs to release set 3, storefront") && lines.contains("  the set waits for catalog to succeed"))
    }
}
