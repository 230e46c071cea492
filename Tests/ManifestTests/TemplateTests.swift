// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import IngotModel
import Manifest
import Testing

@Suite struct TemplateTests {
    static let templates = [
        ManifestTemplate(service: ServiceName("shop")!, port: 8080),
        ManifestTemplate(service: ServiceName("guestbook")!, dockerfile: "deploy/Dockerfile", port: 80, testStage: "test", readinessPath: "/healthz"),
    ]

    @Test("what `ingot init` writes has no mistakes", arguments: templates)
    func parses(template: ManifestTemplate) throws {
        let parsed = Manifest.parse(template.text)
        #expect(parsed.diagnostics.isEmpty)
        let service = try #require(parsed.value)
        #expect(service.service == template.service)
        #expect(service.run.port == template.port)
        #expect(service.run.readiness.path == template.readinessPath)
        #expect(service.tests.map(\.kind) == (template.testStage.map { [.stage($0)] } ?? []))
        #expect(service.environments.map(\.name.name) == ["dev", "production"])
    }

    @Test("its comments can be taken away and are right then", arguments: templates)
    func comments(template: ManifestTemplate) {
        let uncommented = template.text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let trimmed = line.drop { $0 == " " }
            guard trimmed.hasPrefix("# "), trimmed.dropFirst(2).first?.isLowercase == true || trimmed.contains("- {") else { return String(line) }
            return String(line.prefix { $0 == " " }) + String(trimmed.dropFirst(2))
        }.joined(separator: "\n")
        let messages = Manifest.parse(uncommented).diagnostics.map(\.message)
        // Only what environments must then give is missing.
        #expect(messages.allSatisfy { $0.contains("asks for") }, "\(messages)\n\(uncommented)")
    }
}
