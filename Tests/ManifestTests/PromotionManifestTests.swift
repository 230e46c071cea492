// swift-format-ignore-file: NeverForceUnwrap

import IngotModel
import Testing

@testable import Manifest

@Suite("what an environment asks of a digest, in ingot.yaml") struct PromotionManifestTests {
    struct NoKey: ExplainedError {
        var code: String { "test.no-key" }
        var message: String { "it is no key" }
        var remedy: String? { "write one" }
        var fault: Fault { .user }
        var cause: (any Error)? { nil }
    }

    private static func findKey(_ file: String) throws -> String {
        guard file != "bad.pub" else { throw NoKey() }
        return "PEM of \(file == "copy.pub" ? "a.pub" : file)"
    }

    private func parse(_ settings: String) -> Parsed<ServiceSpecification> {
        Manifest.parse("service: shop\nrun: { port: 80 }\nenvironments: { dev: {}, production: { \(settings) } }", findKey: Self.findKey)
    }

    private func rules(_ settings: String) throws -> PromotionRules {
        let parsed = parse(settings)
        return try #require(parsed.value?.environment(EnvironmentName("production")!), "\(parsed.diagnostics)").promotion
    }

    private static func key(_ name: String) -> TrustedKey { TrustedKey(name: name, pem: "PEM of \(name)") }

    @Test("without anything there are the defaults, and no approval is asked for")
    func defaults() throws {
        let environment = try #require(parse("").value?.environment(EnvironmentName("production")!))
        #expect(environment.promotion == PromotionRules() && !environment.requiresApproval)
        #expect(environment.promotion.approval == ApprovalRule(approvers: 1, valid: .minutes(1_440)))
    }

    @Test("all of them are read")
    func whole() throws {
        let rules = try rules(
            """
            after: dev, approval: { approvers: 2, valid: 8h, keys: [alice.pub, keys/bob.pem] }, evidence: { tests: 7d, scan: 1d, rollout: 14d },
            signatures: [{ keys: [release.pub] }, { types: [slsaprovenance1, "https://example.com/review/v1"], keys: [ci.pub, b.pub], required: 2 }]
            """)
        #expect(
            rules
                == PromotionRules(
                    approval: ApprovalRule(approvers: 2, valid: .minutes(480), keys: [Self.key("alice.pub"), Self.key("keys/bob.pem")]),
                    maximumAges: EvidenceAges(tests: .minutes(7 * 1_440), scan: .minutes(1_440), rollout: .minutes(14 * 1_440)),
                    signatures: [
                        SignatureRule(types: ["signature"], keys: [Self.key("release.pub")]),
                        SignatureRule(
                            types: ["slsaprovenance1", "https://example.com/review/v1"], keys: [Self.key("ci.pub"), Self.key("b.pub")], required: 2),
                    ]))
    }

    @Test("a section requires the approval as the word does, and one rule of signatures needs no list")
    func shortForms() throws {
        for text in ["approval: required", "approval: {}", "approval: { approvers: 1 }"] {
            #expect(parse(text).value?.environment(EnvironmentName("production")!)?.requiresApproval == true, "\(text)")
        }
        #expect(parse("approval: none").value?.environment(EnvironmentName("production")!)?.requiresApproval == false)
        #expect(try rules("signatures: { keys: [a.pub] }").signatures == [SignatureRule(types: ["signature"], keys: [Self.key("a.pub")])])
    }

    @Test(
        "freezes are dates, spans of the week, and days",
        arguments: [
            (
                "{ from: 2026-12-20, until: 2027-01-02, reason: holidays }",
                FreezeWindow(.dates(from: CalendarDate(text: "2026-12-20")!, until: CalendarDate(text: "2027-01-02")!), reason: "holidays")
            ),
            (
                "{ from: fri 16:00, until: Monday 08:00, zone: Europe/Berlin }",
                FreezeWindow(.weekly([WeekSpan(from: 6_720, until: 480)]), zone: "Europe/Berlin")
            ),
            ("{ from: sun 12:00, until: sun 24:00 }", FreezeWindow(.weekly([WeekSpan(from: 9_360, until: 0)]))),
            ("{ days: [sat, sunday] }", FreezeWindow(.weekly([WeekSpan(from: 7_200, until: 8_640), WeekSpan(from: 8_640, until: 0)]))),
            ("{ days: [sun], from: '22:00', until: '06:00' }", FreezeWindow(.weekly([WeekSpan(from: 9_960, until: 360)]))),
        ])
    func freezes(_ text: String, _ window: FreezeWindow) throws { #expect(try rules("freeze: [\(text)]").freezes == [window]) }

    @Test(
        "a mistake is told at its place, and opens no gate",
        arguments: [
            ("approval: maybe", "'environments.production.approval' is 'maybe'; expected one of required, none"),
            ("approval: { approvers: 0 }", "expected a whole number from 1 to 8"), ("approval: { valid: 90d }", "expected a duration from 1m to 30d"),
            ("approval: { required: true }", "unknown key 'required' in 'environments.production.approval'"),
            ("evidence: { test: 7d }", "unknown key 'test'"), ("evidence: { rollout: 7d }", "is about the environment before, and there is none"),
            ("signatures: {}", "'environments.production.signatures[]' has no 'keys'"), ("signatures: []", "asks for nothing"),
            ("signatures: { keys: [] }", "names no key"), ("signatures: { keys: [bad.pub] }", "the key 'bad.pub' can't be trusted: it is no key"),
            ("signatures: { keys: [release.key] }", "expected the file of a public key"),
            ("signatures: { keys: [/etc/a.pub] }", "expected the file of"),
            ("signatures: { keys: [a.pub], required: 2 }", "2 keys must have signed, and 'keys' names 1"),
            ("signatures: { keys: [a.pub, copy.pub] }", "'copy.pub' is the same key as 'a.pub'"),
            ("signatures: { keys: [a.pub], types: [approval] }", "expected one of signature"),
            ("signatures: { keys: [a.pub], types: [] }", "names nothing"),
            ("freeze: [{ from: 2026-12-20 }]", "has no 'until'"), ("freeze: [{ from: 2026-12-20, until: 2026-12-19 }]", "before it begins"),
            ("freeze: [{ from: 2026-12-20, until: fri 16:00 }]", "both dates, or both days of the week"),
            ("freeze: [{ from: '22:00', until: '06:00' }]", "a time alone needs 'days'"), ("freeze: [{ days: [] }]", "names no day"),
            ("freeze: [{ days: [someday] }]", "expected a day of the week"),
            ("freeze: [{ days: [sat], from: fri 16:00 }]", "is a time such as 22:00"),
            ("freeze: [{ days: [sat], from: '06:00', until: '06:00' }]", "ends when it begins"),
            ("freeze: [{ days: [sat], zone: Berlin }]", "expected UTC, or a time zone"),
            ("freeze: [{ from: fri 25:00, until: mon 08:00 }]", "expected a date"),
        ])
    func mistakes(_ text: String, _ says: String) {
        let parsed = parse(text)
        #expect(parsed.value == nil)
        #expect(parsed.diagnostics.contains { $0.severity == .error && $0.message.contains(says) }, "\(parsed.diagnostics)")
    }

    @Test("a key that can't be read is told where it is named, with what to do")
    func place() throws {
        let parsed = Manifest.parse(
            "service: shop\nrun: { port: 80 }\nenvironments:\n  production:\n    signatures:\n      keys:\n        - a.pub\n        - bad.pub\n",
            findKey: Self.findKey)
        let diagnostic = try #require(parsed.diagnostics.first)
        #expect(diagnostic.location.line == 8 && diagnostic.location.column == 11 && diagnostic.hint == "write one")
    }

    @Test("without somebody who reads keys, what is named is trusted in nothing")
    func unread() {
        let parsed = Manifest.parse("service: shop\nrun: { port: 80 }\nenvironments: { dev: { signatures: { keys: [a.pub] } } }")
        #expect(parsed.value?.environments.first?.promotion.signatures.first?.keys == [TrustedKey(name: "a.pub", pem: "")])
    }
}
