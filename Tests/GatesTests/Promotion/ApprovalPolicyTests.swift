// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import Gates
import IngotModel
import Testing

@Suite("Approvals") struct ApprovalPolicyTests {
    private static let image = PromotionPolicyTests.digest
    private static let id = EnvironmentID(text: "shop/production")!
    private static let now = Timestamp(text: "2026-11-26T12:00:00Z")!
    private static let day = Milliseconds.minutes(1_440)

    private static func approval(
        by: String, _ decision: Approval.Decision = .approved, ago: Milliseconds = .minutes(60), valid: Milliseconds = day, override: Bool = false,
        image: Digest = image, environment: EnvironmentID = id
    ) -> Approval {
        let at = now + (0 - ago)
        return Approval(
            environment: environment, image: image, decision: decision, by: by, reason: "why", at: at,
            expiresAt: decision == .approved ? at + valid : nil, overridesFreeze: override)
    }

    private static func environment(approvers: Int = 1, valid: Milliseconds = day, isRequired: Bool = true) -> EnvironmentSpecification {
        var environment = PromotionPolicyTests.environment("production", needsApproval: isRequired)
        environment.promotion.approval = ApprovalRule(approvers: approvers, valid: valid)
        return environment
    }

    private static func gate(
        _ approvals: [Approval], asker: String? = "user:ada", authors: Set<String> = [], approvers: Int = 1, valid: Milliseconds = day,
        isRequired: Bool = true
    ) -> GateStanding? {
        ApprovalPolicy.gate(
            of: image, in: id, environment(approvers: approvers, valid: valid, isRequired: isRequired),
            PromotionSituation(now: now, asker: asker, authors: authors, approvals: approvals))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var approvals: [Approval]
        var asker: String? = "user:ada"
        var authors: Set<String> = []
        var approvers = 1
        var valid = day
        var isOpen: Bool
    }

    @Test(
        "an approval counts when another person gave it for exactly this, and it has not ended",
        arguments: [
            Case(testDescription: "nobody", approvals: [], isOpen: false),
            Case(testDescription: "another person", approvals: [approval(by: "user:bob")], isOpen: true),
            Case(testDescription: "who asks", approvals: [approval(by: "user:ada")], isOpen: false),
            Case(testDescription: "who asks, by a token", approvals: [approval(by: "user:ada (token laptop)")], isOpen: false),
            Case(
                testDescription: "who asked by one token, by another", approvals: [approval(by: "user:ada (token laptop)")],
                asker: "user:ada (token ci)", isOpen: false),
            Case(testDescription: "another person by a token", approvals: [approval(by: "user:bob (token laptop)")], isOpen: true),
            Case(
                testDescription: "one person by two tokens, of two people",
                approvals: [approval(by: "user:bob (token laptop)"), approval(by: "user:bob (token phone)")], approvers: 2, isOpen: false),
            Case(testDescription: "whose token tested it", approvals: [approval(by: "user:bob")], authors: ["user:bob (token ci)"], isOpen: false),
            Case(testDescription: "who tested it", approvals: [approval(by: "user:bob")], authors: ["user:bob"], isOpen: false),
            Case(testDescription: "nobody asks yet, and another person", approvals: [approval(by: "user:bob")], asker: nil, isOpen: true),
            Case(
                testDescription: "another image", approvals: [approval(by: "user:bob", image: Digest(hex: String(repeating: "c", count: 64))!)],
                isOpen: false),
            Case(
                testDescription: "another environment",
                approvals: [approval(by: "user:bob", environment: EnvironmentID(text: "shop/staging")!)], isOpen: false),
            Case(testDescription: "a millisecond before its end", approvals: [approval(by: "user:bob", ago: day - 1)], isOpen: true),
            Case(testDescription: "at its end", approvals: [approval(by: "user:bob", ago: day)], isOpen: false),
            Case(
                testDescription: "longer than the environment has it now", approvals: [approval(by: "user:bob")], valid: .minutes(60), isOpen: false),
            Case(
                testDescription: "no longer than was said when it was given", approvals: [approval(by: "user:bob", valid: .minutes(60))],
                valid: .minutes(10_000), isOpen: false),
            Case(testDescription: "of a time to come", approvals: [approval(by: "user:bob", ago: 0 - 1)], isOpen: false),
            Case(testDescription: "one of two", approvals: [approval(by: "user:bob")], approvers: 2, isOpen: false),
            Case(
                testDescription: "the same person twice", approvals: [approval(by: "user:bob"), approval(by: "user:bob", ago: 0)], approvers: 2,
                isOpen: false),
            Case(testDescription: "two people", approvals: [approval(by: "user:bob"), approval(by: "token:eve")], approvers: 2, isOpen: true),
            Case(
                testDescription: "two people, one of whom asks", approvals: [approval(by: "user:bob"), approval(by: "user:ada")], approvers: 2,
                isOpen: false),
            Case(
                testDescription: "rejected after it was approved",
                approvals: [approval(by: "user:bob"), approval(by: "user:bob", .rejected, ago: 0)],
                isOpen: false),
            Case(
                testDescription: "approved after it was rejected",
                approvals: [approval(by: "user:bob", .rejected), approval(by: "user:bob", ago: 0)],
                isOpen: true),
            Case(
                testDescription: "rejected long ago by one, approved by another",
                approvals: [approval(by: "user:eve", .rejected, ago: .minutes(100_000)), approval(by: "user:bob")], isOpen: false),
        ])
    func counts(_ example: Case) throws {
        let gate = try #require(
            Self.gate(
                example.approvals, asker: example.asker, authors: example.authors, approvers: example.approvers, valid: example.valid))
        #expect(gate.isOpen == example.isOpen, "\(gate)")
        #expect(gate.objections.allSatisfy { !$0.remedy.isEmpty })
    }

    @Test("what is missing says how many, and who must not")
    func words() throws {
        let gate = try #require(Self.gate([Self.approval(by: "user:bob")], authors: ["user:eve"], approvers: 2))
        #expect(gate.objections.map(\.message) == ["production asks for an approval, and 1 of 2 people have approved it"])
        #expect(gate.objections.map(\.remedy) == ["let another person than user:ada, user:eve run `ingot approve aaaaaaaaaaaa production`"])
        #expect(gate.facts == [.init("approved: why", by: "user:bob", at: Self.now + (0 - .minutes(60)))])
    }

    @Test("the last word of a person is the one that came last, also when the clock was set back in between")
    func lastWord() throws {
        let (yes, no) = (Self.approval(by: "user:bob", ago: .minutes(1)), Self.approval(by: "user:bob (token x)", .rejected, ago: .minutes(5)))
        #expect(try #require(Self.gate([yes, no])).isOpen == false)
        #expect(try #require(Self.gate([no, yes])).isOpen)
    }

    @Test("what was rejected stays so for a release that is there, whether the environment asks for approvals or not")
    func rejections() {
        func rejections(_ approvals: [Approval]) -> [String] {
            let situation = PromotionSituation(now: Self.now, asker: "user:ada", approvals: approvals)
            return ApprovalPolicy.rejections(of: Self.image, in: Self.id, Self.environment(isRequired: false), situation).objections.map(\.message)
        }
        #expect(rejections([]) == [] && rejections([Self.approval(by: "user:bob")]) == [])
        #expect(rejections([Self.approval(by: "user:bob", .rejected)]) == ["user:bob rejected it for production: why"])
    }

    @Test("an environment that asks for none has the gate only while somebody has rejected the image")
    func notRequired() throws {
        #expect(Self.gate([], isRequired: false) == nil)
        let gate = try #require(Self.gate([Self.approval(by: "user:bob", .rejected)], isRequired: false))
        #expect(gate.objections.map(\.message) == ["user:bob rejected it for production: why"])
    }

    @Test("nobody approves their own work")
    func ownWork() {
        #expect(ApprovalPolicy.objection(to: "user:ada", ["user:ada", "user:bob"]) != nil)
        #expect(ApprovalPolicy.objection(to: "user:eve", ["user:ada"]) == nil)
    }

    // MARK: Freezes

    private static func freeze(_ approvals: [Approval], override: String?, asker: String = "user:ada") -> GateStanding {
        let freeze = FreezeInForce(reason: "holidays", until: now + day)
        return FreezePolicy.standing(
            of: image, in: id, environment(isRequired: false),
            PromotionSituation(now: now, asker: asker, approvals: approvals, freeze: freeze, override: override))
    }

    @Test("a freeze is overridden by a reason and by another person's word for it, and by nothing less")
    func override() {
        let agreed = Self.approval(by: "user:bob", override: true)
        #expect(Self.freeze([agreed], override: "it burns").isOpen)
        #expect(!Self.freeze([agreed], override: nil).isOpen)
        #expect(!Self.freeze([], override: "it burns").isOpen)
        #expect(!Self.freeze([Self.approval(by: "user:bob")], override: "it burns").isOpen)
        #expect(!Self.freeze([agreed], override: "it burns", asker: "user:bob").isOpen)
        #expect(!Self.freeze([Self.approval(by: "user:bob", ago: Self.day, override: true)], override: "it burns").isOpen)
        #expect(!Self.freeze([agreed, Self.approval(by: "user:bob", .rejected, ago: 0)], override: "it burns").isOpen)
    }

    @Test("a freeze says until when, and what to do if it can't wait")
    func freezeWords() {
        let gate = Self.freeze([], override: nil)
        #expect(gate.objections.map(\.message) == ["production is frozen until 2026-11-27T12:00:00.000Z: holidays"])
        #expect(
            gate.objections.map(\.remedy) == [
                "wait until 2026-11-27T12:00:00.000Z; or, where it can't wait, let another person run "
                    + "`ingot approve aaaaaaaaaaaa production --override-freeze`, then run "
                    + "`ingot deploy production aaaaaaaaaaaa --override-freeze --reason WHY`"
            ])
    }
}
