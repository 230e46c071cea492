import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import RegistryServer

@Suite("A registry's token")
struct RegistryTokenTests {
    private static let start = Timestamp(secondsSince1970: 1_700_000_000)

    private static func with<Result>(_ body: (RegistryTokens, String) throws -> Result) async throws -> Result {
        try await withStore { store in try body(RegistryTokens(root: store.root.string), store.root.string) }
    }

    @Test(
        "is for the repositories that its patterns match",
        arguments: [
            ("shop", ["shop"], ["shop/a", "shops", "a/shop"]), ("shop/*", ["shop/a"], ["shop", "shop/a/b", "a/shop"]),
            ("shop/**", ["shop/a", "shop/a/b"], ["shop", "shops/a"]), ("**", ["a", "a/b/c"], []), ("*", ["a"], ["a/b"]),
            ("*/web", ["a/web"], ["a/b/web", "web"]), ("team/*/web", ["team/a/web"], ["team/web", "team/a/b/web"]),
        ])
    func patterns(text: String, matching: [String], others: [String]) throws {
        let pattern = try #require(RepositoryPattern(text: text))
        for name in matching { #expect(pattern.matches(try #require(RepositoryName(name))), "\(name)") }
        for name in others { #expect(!pattern.matches(try #require(RepositoryName(name))), "\(name)") }
    }

    @Test(
        "has no pattern that is none",
        arguments: ["", "/", "a/", "/a", "**/a", "a/**/b", "A", "a*", "..", "a/../b", "a b", String(repeating: "a", count: 201)])
    func badPatterns(text: String) { #expect(RepositoryPattern(text: text) == nil) }

    @Test("is found by its secret, until it ends or is revoked, and the secret is kept nowhere")
    func lifetime() async throws {
        try await Self.with { tokens, root in
            let pattern = try #require(RepositoryPattern(text: "shop/*"))
            let (token, text) = try tokens.create("ci", repositories: [pattern], mayPush: true, createdAt: Self.start, lifetime: .seconds(60))
            let secret = try #require(RegistrySecret(text))
            #expect(try tokens.token(of: secret, at: Self.start) == token)
            #expect(try tokens.token(of: secret, at: Self.start + .seconds(59)) == token)
            #expect(try tokens.token(of: secret, at: Self.start + .seconds(60)) == nil)
            #expect(try tokens.token(of: .make(), at: Self.start) == nil)
            let file = try String(contentsOfFile: "\(root)/registry-tokens/ci.json", encoding: .utf8)
            #expect(!file.contains(text.dropFirst(RegistrySecret.prefix.count)))
            let mode = try FileManager.default.attributesOfItem(atPath: "\(root)/registry-tokens/ci.json")[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(!"\(secret)".contains(text.suffix(20)) && !String(reflecting: secret).contains(text.suffix(20)))
            // Another process that does the same is seen.
            #expect(try RegistryTokens(root: root).revoke("ci"))
            #expect(try tokens.token(of: secret, at: Self.start) == nil)
            #expect(try !tokens.revoke("ci"))
        }
    }

    @Test("has a name of its own")
    func names() async throws {
        try await Self.with { tokens, root in
            _ = try tokens.create("a", repositories: [], mayPush: false, createdAt: Self.start, lifetime: 1)
            let error = #expect(throws: RegistryServerError.self) {
                try tokens.create("a", repositories: [], mayPush: true, createdAt: Self.start, lifetime: 1)
            }
            #expect(error?.code == "registry-server.token-exists")
            for name in ["", "A", "-a", "a/b", "..", "a.json", String(repeating: "a", count: 64)] {
                #expect(throws: RegistryServerError.self, "\(name)") {
                    try tokens.create(name, repositories: [], mayPush: false, createdAt: Self.start, lifetime: 1)
                }
            }
            #expect(try tokens.list().map(\.name) == ["a"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/registry-tokens") == ["a.json"])
        }
    }

    @Test("that is damaged is none, and does not hide the others")
    func damaged() async throws {
        try await Self.with { tokens, root in
            let (_, text) = try tokens.create("b", repositories: [], mayPush: false, createdAt: Self.start, lifetime: .seconds(60))
            for bytes in ["", "{}", "[", String(repeating: "x", count: 100_000)] {
                try Data(bytes.utf8).write(to: URL(fileURLWithPath: "\(root)/registry-tokens/a.json"))
                #expect(try RegistryTokens(root: root).list().map(\.name) == ["b"])
                #expect(try RegistryTokens(root: root).token(of: #require(RegistrySecret(text)), at: Self.start)?.name == "b")
            }
        }
    }

    @Test("comes by Basic as password, or by Bearer; all else is no token")
    func headers() throws {
        let secret = RegistrySecret.make()
        func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }
        for header in ["Bearer \(secret.text)", "bearer \(secret.text)", basic("x:\(secret.text)"), basic(":\(secret.text)")] {
            guard case .secret(let found) = PresentedCredential(header) else {
                Issue.record("\(header)")
                continue
            }
            #expect(found.text == secret.text)
        }
        for header in [
            "", "Bearer", "Bearer ", "Bearer x", "Bearer \(secret.text)x", "Basic !", basic("x"), basic("\(secret.text):"),
            basic("x:\(secret.text):"),
            "Digest \(secret.text)", secret.text, "Bearer  \(secret.text)", "Basic " + String(repeating: "a", count: 5_000),
        ] {
            guard case .other = PresentedCredential(header) else {
                Issue.record("\(header)")
                continue
            }
        }
        guard case .none = PresentedCredential(nil), case .nobody = PresentedCredential("Bearer anonymous") else {
            Issue.record("nobody")
            return
        }
    }
}
