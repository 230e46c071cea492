import Foundation
import ImageBuild
import IngotModel
import Testing

@testable import Lint

@Suite("What lint reports") struct ReportTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/reference/lint.md")

    @Test("the reference page says what the rules are; INGOT_WRITE_REFERENCE=1 writes it") func reference() throws {
        if ProcessInfo.processInfo.environment["INGOT_WRITE_REFERENCE"] == "1" {
            try Data(LintReference.markdown.utf8).write(to: Self.page, options: .atomic)
        }
        #expect(try String(contentsOf: Self.page, encoding: .utf8) == LintReference.markdown)
    }

    @Test("identifiers are unique, and every rule says why and what to do") func rules() {
        #expect(Set(LintCatalog.rules.map(\.id)).count == LintCatalog.rules.count)
        for rule in LintCatalog.rules {
            #expect(rule.id.count == 8 && rule.id.hasPrefix("ING-\(rule.subject.letter)"))
            for text in [rule.reason, rule.fix] { #expect(text.count > 5 && ".`".contains(text.last ?? " "), "\(rule.id): \(text)") }
            #expect(!rule.title.hasSuffix("."))
        }
    }

    private static func report() throws -> LintReport {
        let text = "# ingot: ignore ING-D002 built here\nFROM debian:12\nRUN curl https://example.com/a | sh\nENV API_TOKEN=x\nUSER 1\nCMD [\"a\"]\n"
        let file = try DockerfileParser.parse(text, file: "a b/Dockerfile")
        let comments = ExemptionComments.read(file.sourceLines, file: "a b/Dockerfile", continuation: "\\", mayTrail: false)
        let image = try #require(Digest(hex: String(repeating: "a", count: 64)))
        let onImage = LintFinding(ContentRules.sshServer.rule, LintHit("x", at: .image(image, path: "/usr/sbin/sshd")))
        return LintReport(
            subjects: ["a b/Dockerfile"], findings: DockerfileSubject(file).findings() + [onImage],
            exemptions: LintExemptions(comments, subjects: [.dockerfile]))
    }

    @Test("the worst comes first, then the order of the file") func order() throws {
        let report = try Self.report()
        #expect(report.findings.map(\.severity) == report.findings.map(\.severity).sorted(by: >))
        #expect(report.worst == .error)
        #expect(report.exempted.map(\.rule) == ["ING-D002"])
        #expect(report.brokenRules == Set(report.findings.map(\.rule)).union(["ING-D002"]))
        #expect(LintReport(subjects: [], findings: []).worst == nil)
    }

    @Test("the SARIF log has what the format asks for") func sarif() throws {
        let log = SARIFLog(try Self.report(), version: "1.0", manifest: "ingot.yaml")
        let object = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(log)) as? [String: Any])
        #expect(SARIFShape.mistakes(in: object) == [])
        let run = try #require((object["runs"] as? [[String: Any]])?.first)
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.contains { $0["ruleId"] as? String == "ING-D011" })
        #expect(results.filter { $0["suppressions"] != nil }.map { $0["ruleId"] as? String } == ["ING-D002"])
        let text = String(decoding: try JSONEncoder().encode(log), as: UTF8.self)
        #expect(text.contains("a%20b"))
    }

    @Test("the shape refuses what is not SARIF") func shape() throws {
        #expect(!SARIFShape.mistakes(in: [:]).isEmpty)
        #expect(!SARIFShape.mistakes(in: ["version": "2.1.0", "runs": [["results": []]]]).isEmpty)
        let bad: [String: Any] = ["ruleId": "x", "ruleIndex": 4, "level": "bad", "message": ["text": ""], "locations": []]
        let run: [String: Any] = ["tool": ["driver": ["name": "a", "rules": []]], "results": [bad]]
        #expect(SARIFShape.mistakes(in: ["version": "2.1.0", "runs": [run]]).count == 3)
    }

    @Test("paths become addresses") func addresses() {
        #expect(SARIFLog.uri("./a/b") == "a/b")
        #expect(SARIFLog.uri("/a b#c") == "file:///a%20b%23c")
        #expect(SARIFLog.uri("é") == "%C3%A9")
    }
}

/// What SARIF's schema requires of the parts that are written here.
///
/// Source: OASIS, SARIF 2.1.0, sarif-schema-2.1.0.json: `required`, `enum`, `minimum` and `minLength` of those definitions.
enum SARIFShape {
    static func mistakes(in log: [String: Any]) -> [String] {
        var mistakes: [String] = []
        if log["version"] as? String != "2.1.0" { mistakes.append("version") }
        guard let runs = log["runs"] as? [[String: Any]] else { return mistakes + ["runs"] }
        return mistakes + runs.flatMap(run)
    }

    private static func run(_ run: [String: Any]) -> [String] {
        guard let driver = (run["tool"] as? [String: Any])?["driver"] as? [String: Any] else { return ["tool.driver"] }
        var mistakes: [String] = []
        if !isText(driver["name"]) { mistakes.append("tool.driver.name") }
        if let kind = run["columnKind"], !["utf16CodeUnits", "unicodeCodePoints"].contains(kind as? String) { mistakes.append("columnKind") }
        let rules = driver["rules"] as? [[String: Any]] ?? []
        let ids = rules.compactMap { $0["id"] as? String }
        if ids.count != rules.count || Set(ids).count != ids.count { mistakes.append("rules[].id") }
        for rule in rules {
            for key in ["shortDescription", "fullDescription", "help"] where !isMessage(rule[key]) { mistakes.append("rules[].\(key)") }
            if !isLevel((rule["defaultConfiguration"] as? [String: Any])?["level"]) { mistakes.append("rules[].level") }
        }
        return mistakes + (run["results"] as? [[String: Any]] ?? []).flatMap { result($0, ids) }
    }

    private static func result(_ result: [String: Any], _ ids: [String]) -> [String] {
        var mistakes: [String] = []
        if !isMessage(result["message"]) { mistakes.append("message") }
        if !isLevel(result["level"]) { mistakes.append("level") }
        let index = result["ruleIndex"] as? Int ?? -1
        if !ids.indices.contains(index) || ids[index] != result["ruleId"] as? String { mistakes.append("ruleIndex") }
        for location in result["locations"] as? [[String: Any]] ?? [] {
            let physical = location["physicalLocation"] as? [String: Any]
            if !isText((physical?["artifactLocation"] as? [String: Any])?["uri"]) { mistakes.append("uri") }
            let region = physical?["region"] as? [String: Any]
            for key in ["startLine", "startColumn"] where (region?[key] as? Int ?? 0) < 1 { mistakes.append(key) }
        }
        for suppression in result["suppressions"] as? [[String: Any]] ?? [] {
            if !["inSource", "external"].contains(suppression["kind"] as? String) { mistakes.append("suppressions[].kind") }
        }
        return mistakes
    }

    private static func isText(_ value: Any?) -> Bool { (value as? String)?.isEmpty == false }
    private static func isMessage(_ value: Any?) -> Bool { isText((value as? [String: Any])?["text"]) }
    private static func isLevel(_ value: Any?) -> Bool { ["none", "note", "warning", "error"].contains(value as? String) }
}
