import IngotModel
import Testing

@testable import Manifest

@Suite("Where secrets are found")
struct SecretsManifestTests {
    private func parse(_ secrets: String, more: String = "") -> Parsed<ServiceSpecification> {
        Manifest.parse(
            """
            service: shop
            run: { port: 8080, secrets: [PASSWORD] }
            environments:
              production:
                secrets: { PASSWORD: \(secrets) }
            \(more)
            """)
    }

    @Test(
        "is a file, an encrypted value, or a place in a source",
        arguments: [
            ("/etc/p", .file("/etc/p")), ("{ encrypted: secrets.yaml }", .sealed(SealedReference(file: "secrets.yaml"))),
            (
                "{ vault: secret/shop/db, field: password }",
                .vault(VaultReference(source: "vault", mount: "secret", path: "shop/db", field: "password"))
            ),
            (
                "{ vault: shop, mount: team/kv, field: p, source: eu }",
                .vault(VaultReference(source: "eu", mount: "team/kv", path: "shop", field: "p"))
            ),
            ("{ aws: prod/db }", .aws(AWSReference(source: "aws", id: "prod/db"))),
            (
                "{ aws: 'arn:aws:secretsmanager:eu:1:secret:a-b', field: p, stage: NEXT }",
                .aws(AWSReference(source: "aws", id: "arn:aws:secretsmanager:eu:1:secret:a-b", field: "p", stage: "NEXT"))
            ),
        ] as [(String, SecretReference)])
    func forms(text: String, reference: SecretReference) throws {
        let parsed = parse(text)
        #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
        #expect(parsed.value?.environments.first?.secrets == ["PASSWORD": reference])
    }

    @Test(
        "is told with its place when it is wrong",
        arguments: [
            ("{ }", "has no 'encrypted'"), ("{ vault: secret/shop }", "has no 'field'"), ("{ vault: shop, field: p }", "the mount and the path"),
            ("{ vault: secret/../sys, field: p }", "expected a path"), ("{ vault: /secret/shop, field: p }", "leave out the '/'"),
            ("{ vault: secret/a?x=1, field: p }", "expected a path"), ("{ vault: secret/shop, aws: x, field: p }", "not both"),
            ("{ vault: secret/shop, field: p, address: 'http://evil' }", "unknown key 'address'"), ("{ aws: prod/db, mount: x }", "says nothing of"),
            ("{ encrypted: /etc/x }", "relative to the folder"), ("{ encrypted: s.yaml, field: x }", "says nothing of"), ("[a]", "expected a path"),
            ("secrets.yaml", "beginning with '/'"), ("{ aws: 'a b' }", "expected a secret's name"),
        ])
    func mistakes(text: String, words: String) {
        let errors = parse(text).diagnostics.filter { $0.severity == .error }
        #expect(errors.contains { $0.text.contains(words) && $0.location.line == 5 }, "\(errors)")
    }

    @Test("are looked at each minute and rolled out, or as is said")
    func refresh() {
        #expect(parse("/p").value?.environments.first?.secretRefresh == SecretRefresh(rotation: .roll, interval: .seconds(60)))
        let said = parse("/p", more: "    secrets-rotation: manual\n    secrets-refresh: 5m")
        #expect(said.value?.environments.first?.secretRefresh == SecretRefresh(rotation: .manual, interval: .minutes(5)))
        #expect(parse("/p", more: "    secrets-rotation: later").value == nil)
    }

    @Test("sources are described by name, each with what belongs to its kind")
    func sources() throws {
        let text = """
            sources:
              vault: { kind: vault, address: https://bao.internal:8200, approle: { role-id-file: /r, secret-id-file: /s } }
              here: { kind: vault, address: http://127.0.0.1:8200, token-file: /t, namespace: team, allow: { shop: [secret/shop] } }
              aws: { kind: aws, region: eu-central-1, credentials-file: /c, profile: ingot }
            """
        let sources = try #require(SecretSourcesDefinition.parse(text).value)
        #expect(sources.keys.sorted() == ["aws", "here", "vault"])
        #expect(sources["here"]?.allowed == ["shop": ["secret/shop"]])
        #expect(try #require(SecretSourcesDefinition.parse("").value).isEmpty)
    }

    @Test(
        "a description of sources that is wrong is refused",
        arguments: [
            "sources: []", "sources: { a: {} }", "sources: { a: { kind: vault } }", "sources: { a: { kind: vault, address: https://x } }",
            "sources: { a: { kind: vault, address: http://bao.internal:8200, token-file: /t } }",
            "sources: { a: { kind: vault, address: 'http://127.0.0.1@evil', token-file: /t } }",
            "sources: { a: { kind: vault, address: 'http://localhost.evil', token-file: /t } }",
            "sources: { a: { kind: vault, address: 'https://x/path', token-file: /t } }",
            "sources: { a: { kind: vault, address: https://x, token-file: /t, approle: { role-id-file: /r, secret-id-file: /s } } }",
            "sources: { a: { kind: vault, address: https://x, token-file: t } }", "sources: { a: { kind: aws } }",
            "sources: { a: { kind: aws, region: eu, token-file: /t } }", "sources: { a: { kind: aws, region: 'eu/../x' } }",
            "sources: { a: { kind: aws, region: eu, allow: { 'no name': [] } } }", "other: {}", "sources: { a: { kind: s3 } }", "x",
        ])
    func badSources(text: String) {
        let parsed = SecretSourcesDefinition.parse(text)
        #expect(parsed.value == nil && parsed.diagnostics.contains { $0.severity == .error }, "\(parsed.diagnostics)")
    }

    @Test("a file of encrypted values is written in one form, and read back")
    func sealedFile() throws {
        let file = SealedSecretsFile(boxes: [
            EnvironmentName(uncheckedName: "production"): ["TOKEN": "QUJD", "KEY": "QUI="], EnvironmentName(uncheckedName: "dev"): ["KEY": "QQ=="],
        ])
        #expect(file.text.hasSuffix("dev:\n  KEY: QQ==\nproduction:\n  KEY: QUI=\n  TOKEN: QUJD\n"))
        #expect(SealedSecretsFile.parse(file.text).value == file)
        #expect(SealedSecretsFile.parse("").value == SealedSecretsFile())
        for text in [
            "[]", "production: [a]", "production: { A: '!' }", "PRODUCTION: { A: QQ== }", "production: { ../A: QQ== }", "production: { A: {} }",
        ] {
            #expect(SealedSecretsFile.parse(text).value == nil, "\(text)")
        }
    }
}
