// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import Foundation
import IngotModel
import Manifest
import Testing

@Suite struct ReleaseSetDefinitionTests {
    static let production = EnvironmentName("production")!
    static let services = ReleaseSetDefinition.Services(
        environments: [
            ServiceName("catalog")!: [production], ServiceName("shop")!: [production],
            ServiceName("search")!: [EnvironmentName("staging")!],
        ], environment: production)

    @Test("a set's file is read, with its order and its default deadline")
    func whole() {
        let parsed = ReleaseSetDefinition.parse(
            """
            set: storefront
            releases:
              - { service: catalog, image: v1.4.0 }
              - { service: shop, image: 6c3c624b58db, after: [catalog] }
            """, services: Self.services)
        #expect(parsed.diagnostics.isEmpty)
        #expect(
            parsed.value
                == ReleaseSetSpecification(
                    name: ReleaseSetName("storefront")!, deadline: .minutes(60),
                    members: [
                        .init(service: ServiceName("catalog")!, reference: "v1.4.0"),
                        .init(service: ServiceName("shop")!, reference: "6c3c624b58db", after: [ServiceName("catalog")!]),
                    ]))
    }

    @Test("every mistake is told at once, with line and column")
    func mistakes() {
        let parsed = ReleaseSetDefinition.parse(
            """
            set: Storefront
            deadline: 60
            release: []
            releases:
              - { service: katalog, image: v1 }
              - { service: search, image: v2, after: [katalogg] }
              - { service: search, image: v3 }
              - { service: shop, imag: v4 }
            """, file: "s.yaml", services: Self.services)
        #expect(parsed.value == nil)
        #expect(
            parsed.diagnostics.map { "\($0.location.line):\($0.location.column) \($0.message.prefix(44))" } == [
                "1:6 'set' is 'Storefront'; expected a release se",
                "2:11 'deadline' is '60'; expected a duration from",
                "3:1 unknown key 'release'",
                "5:16 no service is called 'katalog'",
                "6:16 service 'search' has no environment 'product",
                "7:16 service 'search' has no environment 'product",
                "7:16 'search' stands in the set twice",
                "8:5 'releases[]' has no 'image'",
                "8:22 unknown key 'imag' in 'releases[]'",
            ], "\(parsed.diagnostics)")
    }

    @Test("an order that leads nowhere, or in a circle, is told where it stands")
    func order() {
        let parsed = ReleaseSetDefinition.parse(
            """
            set: storefront
            releases:
              - { service: catalog, image: v1, after: [shop] }
              - { service: shop, image: v2, after: [catalog, serch] }
              - { service: search, image: v3, after: [search] }
            """, file: "s.yaml")
        #expect(
            parsed.diagnostics.map(\.description) == [
                "s.yaml:3:16: error: catalog waits for shop, which waits for catalog; take one 'after' out",
                "s.yaml:4:50: error: 'shop' waits for 'serch', which is not in the set; did you mean 'search'?",
                "s.yaml:5:16: error: search waits for itself; take one 'after' out",
            ])
    }

    @Test(
        "what is no set is told",
        arguments: [
            ("", "the file is empty"), ("set: a", "the file has no 'releases'"), ("set: a\nreleases: []", "'releases' has no members"),
            ("set: a\nreleases: x", "expected a list"), ("set: a\nreleases:\n - x", "expected keys with values"), ("- a", "is a list"),
            (
                "set: a\nreleases:\n" + (0...32).map { " - { service: s\($0), image: v1 }\n" }.joined(),
                "at most 32 are allowed"
            ),
        ])
    func noSet(_ text: String, _ message: String) {
        let parsed = ReleaseSetDefinition.parse(text)
        #expect(parsed.value == nil)
        #expect(parsed.diagnostics.contains { $0.message.contains(message) }, "\(parsed.diagnostics)")
    }

    @Test("the page says the default that holds")
    func page() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/reference/release-sets.md")
        let text = try String(contentsOf: file.standardized, encoding: .utf8)
        #expect(text.contains("| `deadline` | duration | `\(Defaults.releaseSetDeadline.written)` |"))
    }
}
