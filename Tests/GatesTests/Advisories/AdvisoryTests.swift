// swift-format-ignore-file: NeverForceUnwrap
// The scopes here are literals: one that is none is a mistake of the test, and ends it.

import Foundation
import IngotModel
import Testing

@testable import Gates

@Suite("Advisories") struct AdvisoryTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var events: [(kind: AffectedRange.Kind, version: String)]
        var affected: String
        var safe: String
    }

    /// Source: OSV schema, "Evaluation" and its examples.
    @Test(
        "a range begins, ends, and may begin again",
        arguments: [
            Case(testDescription: "fixed", events: [(.introduced, "0"), (.fixed, "1.2")], affected: "0.0.1 1.1.9 1.2rc1", safe: "1.2 1.2.0 2"),
            Case(testDescription: "last affected", events: [(.introduced, "1"), (.lastAffected, "1.2")], affected: "1 1.2 1.2.0", safe: "0.9 1.2.1"),
            Case(testDescription: "never fixed", events: [(.introduced, "1.5")], affected: "1.5 99", safe: "1.4.9"),
            Case(
                testDescription: "two stretches, out of order", events: [(.fixed, "2.1"), (.introduced, "2"), (.fixed, "1.1"), (.introduced, "1")],
                affected: "1.0.5 2.0.5", safe: "0.9 1.1 1.9 2.1"),
            Case(testDescription: "limit", events: [(.introduced, "0"), (.limit, "3")], affected: "1 2.9", safe: "3 4"),
            Case(testDescription: "no limit", events: [(.introduced, "0"), (.limit, "*")], affected: "1 99", safe: ""),
            Case(testDescription: "without a beginning", events: [(.fixed, "2")], affected: "0.1 1.9", safe: "2"),
            Case(
                testDescription: "ends and begins in one", events: [(.introduced, "0"), (.fixed, "1"), (.introduced, "1")], affected: "0.5 1 2",
                safe: ""),
        ])
    func ranges(_ example: Case) {
        let advisory = Advisory(id: "X", scope: .pypi, package: "x", ranges: [AffectedRange(example.events, order: .pep440)])
        for text in example.affected.split(separator: " ") {
            guard case .affected = advisory.verdict(on: VersionOrder.pep440.version(String(text))) else {
                Issue.record("\(text) is affected")
                continue
            }
        }
        for text in example.safe.split(separator: " ") {
            #expect(advisory.verdict(on: VersionOrder.pep440.version(String(text))) == .notAffected, "\(text)")
        }
    }

    @Test("the fix is that of the stretch in which the version lies")
    func fix() {
        let events: [(kind: AffectedRange.Kind, version: String)] = [(.introduced, "1"), (.fixed, "1.1"), (.introduced, "2"), (.fixed, "2.1")]
        let advisory = Advisory(id: "X", scope: .pypi, package: "x", ranges: [AffectedRange(events, order: .pep440)])
        #expect(advisory.verdict(on: VersionOrder.pep440.version("1.0")) == .affected(fixedBy: "1.1"))
        #expect(advisory.verdict(on: VersionOrder.pep440.version("2.0.1")) == .affected(fixedBy: "2.1"))
    }

    @Test("a listed version is affected in any spelling, also one that no range holds")
    func listed() {
        let advisory = Advisory(id: "X", scope: .pypi, package: "x", ranges: [], versions: ["1.0", "0.1-bulbasaur"])
        #expect(advisory.verdict(on: VersionOrder.pep440.version("1.0.0")) == .affected(fixedBy: nil))
        #expect(advisory.verdict(on: VersionOrder.pep440.version("0.1-bulbasaur")) == .affected(fixedBy: nil))
        #expect(advisory.verdict(on: VersionOrder.pep440.version("1.1")) == .notAffected)
    }

    @Test("a version that can't be read is neither affected nor safe, on either side")
    func unreadable() {
        let range = AffectedRange([(.introduced, "0"), (.fixed, "not a version")], order: .semantic)
        let advisory = Advisory(id: "X", scope: AdvisoryScope("npm")!, package: "x", ranges: [range])
        #expect(advisory.verdict(on: VersionOrder.semantic.version("1.0.0")) == .unreadable("not a version"))
        let good = Advisory(
            id: "X", scope: AdvisoryScope("npm")!, package: "x", ranges: [AffectedRange([(.introduced, "0"), (.fixed, "2.0.0")], order: .semantic)])
        #expect(good.verdict(on: VersionOrder.semantic.version("latest")) == .unreadable("latest"))
    }

    @Test(
        "scopes are those whose versions can be ordered",
        arguments: [
            ("Debian:12", "Debian:12"), ("Ubuntu:22.04:LTS", "Ubuntu:22.04"), ("Ubuntu:Pro:22.04:LTS", nil), ("Debian", nil),
            ("Alpine:v3.19", "Alpine:v3.19"),
            ("Maven:https://repo.example", "Maven"), ("PyPI", "PyPI"), ("Haiku", nil), ("", nil), (":", nil),
        ] as [(String, String?)])
    func scopes(_ text: String, _ expected: String?) { #expect(AdvisoryScope(text)?.text == expected) }

    @Test("names are compared as their ecosystem compares them")
    func names() {
        #expect(AdvisoryScope.pypi.normalized("Ruamel_.YAML--clib") == "ruamel-yaml-clib")
        #expect(AdvisoryScope("NuGet")!.normalized("Newtonsoft.Json") == "newtonsoft.json")
        #expect(AdvisoryScope("Maven")!.normalized("org.Example:Core_x") == "org.Example:Core_x")
    }

    /// Source: FIRST, CVSS 3.1 and 2.0 examples, and the calculator.
    @Test(
        "base scores are those of the specification",
        arguments: [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98), ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64), ("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 78), ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:F/RL:X", 61), ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 78), ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 62),
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 100), ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", nil),
            ("CVSS:3.1/AV:N/AC:L", nil), ("CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", nil), ("high", nil), ("", nil),
        ] as [(String, Int?)])
    func scores(_ vector: String, _ tenths: Int?) { #expect(CVSSVector.baseScoreTenths(vector) == tenths) }

    @Test("what nobody has rated reaches every threshold; what is rated only its own")
    func severities() {
        #expect(Severity.unknown.reaches(.critical))
        #expect(!Severity.medium.reaches(.high) && Severity.high.reaches(.high) && Severity.critical.reaches(.high))
        #expect(Severity(word: "MODERATE") == .medium && Severity(word: "low**") == .low && Severity(word: "not yet assigned") == .unknown)
        #expect(
            [0, 1, 39, 40, 69, 70, 89, 90, 100].map { Severity(tenths: $0) } == [
                .none, .low, .low, .medium, .medium, .high, .high, .critical, .critical,
            ])
    }
}

extension AdvisoryScope {
    static let pypi = AdvisoryScope("PyPI")!
    static let bookworm = AdvisoryScope("Debian:12")!
    static let bullseye = AdvisoryScope("Debian:11")!
}
