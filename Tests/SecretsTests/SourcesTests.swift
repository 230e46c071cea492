import IngotModel
import Synchronization
import Testing

@testable import Secrets

@Suite("Sources together")
struct SourcesTests {
    private static let key = SealingKey(master: [UInt8](repeating: 1, count: 32), environment: production)

    private func sources(_ settings: String?, files: [String: String] = [:]) -> SecretSources {
        SecretSources(settings: { settings }, files: CredentialFiles { path, _ in files[path].map { Array($0.utf8) } }, variables: [:])
    }

    private func kinds(_ sources: SecretSources, _ references: [String: SecretReference]) async -> [String: String] {
        await sources.read(references, for: production, key: Self.key).mapValues { result in
            switch result {
            case .success(let value): value.line() ?? ""
            case .failure(let error): error.kind.rawValue
            }
        }
    }

    private static func vault(_ path: String, source: String = "vault") -> SecretReference {
        .vault(VaultReference(source: source, mount: "secret", path: path, field: "password"))
    }

    @Test("each secret has its value, or its own reason")
    func mixed() async throws {
        let box = try Self.key.publicKey.seal(SecretValue(Array("three".utf8)), for: production, name: "SEALED")
        let found = await kinds(
            sources(
                "sources: { vault: { kind: vault, address: 'http://127.0.0.1:1', token-file: /token } }",
                files: ["/a": "one", "/empty": "", "/token": "t"]),
            [
                "FILE": .file("/a"), "EMPTY": .file("/empty"), "NONE": .file("/none"), "SEALED": .sealed(SealedReference(file: "s", box: box)),
                "OTHER": .sealed(SealedReference(file: "s", box: box)), "UNFILLED": .sealed(SealedReference(file: "s")),
                "DOWN": Self.vault("shop"), "UNKNOWN": Self.vault("shop", source: "elsewhere"),
                "KIND": .aws(AWSReference(source: "vault", id: "x")),
            ])
        #expect(
            found == [
                "FILE": "one", "EMPTY": "empty", "NONE": "missing", "SEALED": "three", "OTHER": "not-opened", "UNFILLED": "missing", "DOWN": "down",
                "UNKNOWN": "not-set-up", "KIND": "not-set-up",
            ])
    }

    @Test("a source that is set up wrongly, or without its token, says so")
    func settings() async {
        let vault = ["A": Self.vault("shop")]
        #expect(await kinds(sources("sources: { vault: { kind: bolt } }"), vault) == ["A": "not-set-up"])
        #expect(await kinds(sources(nil), vault) == ["A": "not-set-up"])
        let set = "sources: { vault: { kind: vault, address: 'http://127.0.0.1:1', token-file: /token } }"
        #expect(await kinds(sources(set), vault) == ["A": "not-set-up"])
        #expect(await kinds(sources(set, files: ["/token": "two words"]), vault) == ["A": "not-set-up"])
        let broken = SecretSources(settings: { throw CancellationError() }, files: CredentialFiles { _, _ in nil }, variables: [:])
        #expect(await kinds(broken, vault) == ["A": "not-set-up"])
    }

    @Test("a repository gets only what the daemon's file allows it")
    func allowed() async {
        let text = """
            sources:
              vault: { kind: vault, address: 'http://127.0.0.1:1', token-file: /token, allow: { shop: [secret/shop], shop/production: [secret/live] } }
            """
        let found = await kinds(
            sources(text, files: ["/token": "t"]),
            [
                "OWN": Self.vault("shop"), "BELOW": Self.vault("shop/db"), "LIVE": Self.vault("live"), "BESIDE": Self.vault("shopping"),
                "OTHERS": Self.vault("bank"),
            ])
        #expect(found == ["OWN": "down", "BELOW": "down", "LIVE": "down", "BESIDE": "not-allowed", "OTHERS": "not-allowed"])
    }

    @Test("a source that failed as a whole is left alone for a growing time; one that refuses a place is not")
    func pauses() {
        var pause = SourcePause()
        let start = ContinuousClock.now
        for expected in [1, 2, 4, 8, 16, 30, 30] {
            pause.note(SecretError(.sealed, "sealed"), at: start)
            #expect(pause.refusal(at: start + .seconds(expected) - .milliseconds(1))?.kind == .sealed)
            #expect(pause.refusal(at: start + .seconds(expected)) == nil)
        }
        pause.note(SecretError(.denied, "denied"), at: start)
        #expect(pause.refusal(at: start) == nil && pause.failures == 0)
    }
}
