import IngotModel
import Manifest
import Testing

@testable import Lint

/// What is changed in a manifest that breaks no rule.
struct ManifestExample: Sendable, CustomTestStringConvertible {
    let rule: String
    let replace: String
    let by: String
    /// The line of the finding, from 1.
    let line: Int
    var testDescription: String { rule }

    static let good = """
        service: shop
        test:
          [{ name: smoke, run: [./a] }, { name: a, check: statelessness, run: [./a] }, { name: b, check: graceful-stop }, { name: c, check: readiness }]
        gates: { size: { fail-at: 500MiB } }
        run:
          port: 8080
          readiness: { path: /healthz }
          stop: { grace: 10s }
          writable: [/tmp]
          capabilities: [NET_BIND_SERVICE]
          configuration: [TOKEN_ISSUER]
          egress: none
        environments:
          dev: { configuration: { TOKEN_ISSUER: a } }
          staging: { after: dev, configuration: { TOKEN_ISSUER: a } }
          production:
            after: staging
            instances: 2
            configuration: { TOKEN_ISSUER: a }
        """

    /// The lines of the tests.
    private static let tests = good.split(separator: "\n")[1...2].map { $0 + "\n" }.joined()

    static let all = [
        ManifestExample(rule: "ING-M001", replace: "  readiness: { path: /healthz }\n", by: "", line: 5),
        ManifestExample(rule: "ING-M002", replace: tests, by: "", line: 1),
        ManifestExample(rule: "ING-M003", replace: tests, by: "test: [{ name: unit, stage: unit }]\n", line: 2),
        ManifestExample(rule: "ING-M004", replace: "gates: { size: { fail-at: 500MiB } }\n", by: "", line: 1),
        ManifestExample(rule: "ING-M005", replace: "    after: staging\n", by: "", line: 16),
        ManifestExample(rule: "ING-M006", replace: "staging: { after: dev,", by: "staging: { after: dev, strategy: recreate,", line: 15),
        ManifestExample(rule: "ING-M007", replace: "instances: 2", by: "instances: 1", line: 18),
        ManifestExample(rule: "ING-M008", replace: "instances: 2", by: "strategy: recreate", line: 18),
        ManifestExample(rule: "ING-M009", replace: "instances: 2", by: "warm: 0s", line: 18),
        ManifestExample(rule: "ING-M010", replace: "instances: 2", by: "drain: 0s", line: 18),
        ManifestExample(rule: "ING-M011", replace: "grace: 10s", by: "grace: 0s", line: 8),
        ManifestExample(rule: "ING-M012", replace: "  egress: none", by: "  egress: none\n  root: allowed", line: 13),
        ManifestExample(rule: "ING-M013", replace: "NET_BIND_SERVICE", by: "SYS_ADMIN", line: 10),
        ManifestExample(rule: "ING-M014", replace: "[/tmp]", by: "[/tmp, /var/lib/shop]", line: 9),
        ManifestExample(rule: "ING-M015", replace: "egress: none", by: "egress: internet", line: 12),
        ManifestExample(rule: "ING-M016", replace: "TOKEN_ISSUER", by: "ISSUER_TOKEN", line: 11),
        ManifestExample(rule: "ING-M017", replace: ", { name: b, check: graceful-stop }", by: "", line: 2),
        ManifestExample(
            rule: "ING-M018", replace: "{ name: smoke, run: [./a] }",
            by: "{ name: smoke, run: [./a], needs: [{ image: redis, as: redis, port: 6379 }] }", line: 3),
    ]
}

@Suite("Rules over ingot.yaml") struct ManifestRulesTests {
    private static func findings(_ text: String) throws -> [LintFinding] {
        let parsed = Manifest.parse(text)
        let specification = try #require(parsed.value, "\(parsed.diagnostics)")
        return ManifestSubject(specification, ManifestOutline(text)).findings()
    }

    @Test("a manifest that breaks no rule has nothing to be said of") func good() throws {
        #expect(try Self.findings(ManifestExample.good) == [])
    }

    @Test("one change breaks one rule, and the place is told", arguments: ManifestExample.all) func bad(_ example: ManifestExample) throws {
        let text = ManifestExample.good.replacing(example.replace, with: example.by)
        try #require(text != ManifestExample.good)
        let finding = try #require(try Self.findings(text).first { $0.rule == example.rule })
        #expect(finding.place.source?.line == example.line)
        #expect(finding.place.source?.file == "ingot.yaml")
    }

    @Test("every rule has an example") func complete() {
        #expect(Set(ManifestRules.all.map(\.rule.id)) == Set(ManifestExample.all.map(\.rule)))
    }

    @Test("a place that is not written is the nearest one above it") func places() {
        let outline = ManifestOutline("run:\n  readiness:\n    path: /\ntest:\n  - { name: a }\n")
        #expect(outline.location("run.readiness.path").line == 3)
        #expect(outline.location("run.readiness.rise").line == 2)
        #expect(outline.location("test[0].run").line == 5)
        #expect(outline.location("gates.size").line == 1)
        #expect(outline.texts["test[0].name"] == "a")
        #expect(ManifestOutline("a: [").locations.isEmpty)
    }
}
