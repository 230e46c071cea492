// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Gates
import IngotModel
import Testing

@testable import Manifest
@testable import ingot

@Suite("How a promotion is shown") struct PromotionViewTests {
    private static let now = Timestamp(text: "2026-11-26T12:00:00Z")!
    private static let ago = now + (0 - .minutes(90))
    private static let image = Digest(hex: String(repeating: "a", count: 64))!

    private static let tests = GateStanding(
        .tests, facts: [.init("'unit' passed", by: "user:ada", at: ago), .init("'smoke' passed", by: "user:ada", at: ago)])
    private static let approval = GateStanding(
        .approval, objections: [.init("production asks for an approval, and nobody has approved it", remedy: "let another person approve it")])

    private static func report(_ gates: [GateStanding], serves: Bool = false) -> PromotionReport {
        PromotionReport(environment: EnvironmentID(text: "shop/production")!, image: image, gates: gates, serves: serves)
    }

    @Test("every gate has its state, who said what, and when; what is missing comes with what to do")
    func why() {
        #expect(
            WhyView(value: Self.report([Self.tests, Self.approval]), now: Self.now).lines(.plain) == [
                "image aaaaaaaaaaaa may not run in shop/production: 1 of 2 gates says no", "",
                "GATE      STATE   WHAT IS KNOWN                                                SINCE      BY",
                "tests     open    'unit' passed                                                1h30m ago  user:ada",
                "                  'smoke' passed                                               1h30m ago  user:ada",
                "approval  closed  production asks for an approval, and nobody has approved it", "", "to do", "  - let another person approve it",
            ])
    }

    @Test("an image that may run says how it gets there, and one that serves that it does")
    func mayRun() {
        let lines = WhyView(value: Self.report([Self.tests]), now: Self.now).lines(.plain)
        #expect(lines.first == "image aaaaaaaaaaaa may run in shop/production")
        #expect(lines.last == "deploy it with `ingot deploy shop/production aaaaaaaaaaaa`")
        let serving = WhyView(value: Self.report([Self.tests], serves: true), now: Self.now).lines(.plain)
        #expect(serving.first == "image aaaaaaaaaaaa may run in shop/production; it serves there now" && serving.count == 5)
    }

    @Test("in a narrow terminal nothing is wider than it, and nothing is left out")
    func narrow() {
        let style = TextStyle(isColoured: false, width: 40)
        let lines = WhyView(value: Self.report([Self.tests, Self.approval]), now: Self.now).lines(style)
        #expect(lines.allSatisfy { $0.count <= 40 }, "\(lines)")
        #expect(lines.contains("tests: open") && lines.contains("  'unit' passed, 1h30m ago, by user:ada"))
    }

    @Test("a decision says until when it holds, and what is still missing")
    func decision() {
        let approval = Approval(
            environment: EnvironmentID(text: "shop/production")!, image: Self.image, decision: .approved, by: "user:bob", reason: nil, at: Self.now,
            expiresAt: Self.now + .minutes(1_440), overridesFreeze: true)
        #expect(
            DecisionView(value: ApprovalAnswer(approval: approval, gate: Self.approval)).lines(.plain) == [
                "user:bob approved image aaaaaaaaaaaa for shop/production until 2026-11-27 12:00:00 UTC, also while it is frozen",
                "still missing: production asks for an approval, and nobody has approved it",
            ])
    }

    @Test("a freeze says what it is and whose")
    func freeze() {
        let environment = EnvironmentID(text: "shop/production")!
        func lines(_ freeze: FreezeInForce?, lifted: PlacedFreeze? = nil) -> [String] {
            FreezeView(value: FreezeStatus(environment: environment, inForce: freeze, lifted: lifted)).lines(.plain)
        }
        #expect(lines(nil) == ["shop/production is not frozen"])
        #expect(lines(FreezeInForce(reason: "x", by: "user:ada")) == ["shop/production is frozen until `ingot thaw shop/production`: x"])
        #expect(
            lines(FreezeInForce(reason: "holidays", until: Self.now), lifted: PlacedFreeze(reason: "x", by: "user:ada", at: Self.now, until: nil))
                == [
                    "the freeze of user:ada is taken away: x", "shop/production is frozen until 2026-11-26 12:00:00 UTC: holidays (ingot.yaml)",
                ])
    }

    @Test(
        "an end is a day, a time or a length",
        arguments: [
            ("2026-11-28", "2026-11-29T00:00:00.000Z"), ("2026-11-28T08:00:00Z", "2026-11-28T08:00:00.000Z"), ("2h", "2026-11-26T14:00:00.000Z"),
            ("soon", nil),
        ] as [(String, String?)])
    func moment(_ text: String, _ moment: String?) { #expect(Freeze.moment(text, now: Self.now)?.text == moment) }

    @Test("what ingot.yaml may demand are the words of the command line, but for approvals, which end")
    func predicateTypes() {
        #expect(Set(Grammar.predicateTypes) == Set(PredicateType.allCases.map(\.rawValue)).subtracting([PredicateType.approval.rawValue]))
    }

    @Test("an image is named after its commit, its build and its versions")
    func tags() {
        let commit = "4a1b2c3d4e5f" + String(repeating: "0", count: 28)
        var tags = BuildTags(service: ServiceName("shop")!, commit: commit, buildNumber: 42, version: "v1.5.0")
        tags.gitTags = ["v1.4.0", "release-1", "1.3.0", "v1.4", "v1.4.0-rc.1"]
        #expect(tags.names == ["shop:4a1b2c3d4e5f", "shop:build-42", "shop:1.4.0", "shop:1.4.0-rc.1"])
        #expect(tags.askedName == "shop:1.5.0")
        #expect(BuildTags(service: ServiceName("shop")!, commit: nil).names.isEmpty)
    }
}
