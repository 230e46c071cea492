import Foundation
import NIOHTTP1
import Testing

/// Secrets from the servers that people have, on the real parts.
@Suite("Secrets at run time", .serialized, .timeLimit(.minutes(10)))
struct SecretTests {
    @Test(
        "come from OpenBao, rotate without a new image and without a lost request, survive its absence, and show nowhere",
        .enabled(if: SecretServers.haveOpenBao, "no OpenBao: scripts/secret-servers"))
    func openBao() async throws {
        let shop = try SecretShop(secrets: ["PASSWORD": "{ vault: secret/shop, field: password }", "OTHER": "{ vault: secret/shop, field: other }"])
        let workspace = shop.workspace
        defer { workspace.remove() }
        let bao = try OpenBao(in: workspace.folder)
        defer { bao.kill() }
        try await bao.start()
        try await bao.put("shop", ["password": shop.planted[0], "other": shop.planted[1]])
        try shop.writeVault(bao.address, token: bao.token)
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        #expect(try await shop.password() == shop.planted[0])

        // Two values change together, under load.
        let load = Load(port: workspace.port, host: workspace.host)
        try await eventually("it answers") { load.soFar.answered > 50 }
        try await bao.put("shop", ["password": shop.planted[2], "other": shop.planted[3]])
        try await shop.answers(shop.planted[2])
        try await eventually("the rollout is over") { try await workspace.ingot("history", "production").standardOutput.contains("succeeded") }
        let rotated = try await shop.releases()
        #expect(rotated.map(\.number) == [2, 1] && rotated[0].image == rotated[1].image)

        // Without it: the alarm, instances that die and more instances, and another image, all with the last good value.
        bao.kill()
        try await shop.alarm("can't be reached")
        try await expectSuccess(workspace.ingot("scale", "production", "3"))
        struct Instance: Decodable {
            var id: String
            var state: String
            var processID: Int32?
        }
        func running() async throws -> [Instance] {
            try await workspace.ingot("instance", "list", "--output", "json").decoded(as: [Instance].self).filter { $0.state == "running" }
        }
        try await eventually("three instances run") { try await running().count == 3 }
        let failures = await load.end().failures
        #expect(failures.isEmpty, "\(failures.prefix(5))")
        let victim = try #require(try await running().first)
        kill(try #require(victim.processID), SIGKILL)
        try await eventually("another one runs in its place") {
            let now = try await running()
            return now.count == 3 && !now.contains { $0.id == victim.id }
        }
        try workspace.commit(version: 2)
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        for _ in 0..<10 { #expect(try await shop.password() == shop.planted[2]) }
        #expect(try await workspace.ingot("secret", "refresh", "production").exitCode == 1)

        // It comes back, is sealed, is unsealed.
        try await bao.start()
        try await bao.put("shop", ["password": shop.planted[2], "other": shop.planted[3]])
        try await shop.calm()
        try await bao.seal()
        try await shop.alarm("is sealed")
        try await bao.unseal()
        try await shop.calm()
        #expect(try await shop.releases().count == 3)

        // Everything else that a source may do wrong: the value in use stays.
        try await bao.put("shop", ["password": "", "other": shop.planted[3]])
        try await shop.alarm("is empty")
        try await bao.put("shop", ["other": shop.planted[3]])
        try await shop.alarm("has no field 'password'")
        #expect(try await bao.ask(.DELETE, "secret/data/shop").status == 204)
        try await shop.alarm("was deleted")
        try await bao.put("shop", ["password": shop.planted[2], "other": shop.planted[3]])
        try shop.writeVault(bao.address, token: "not-a-token")
        try await shop.alarm("permission denied")
        let silent = try SilentServer()
        try shop.writeVault("http://127.0.0.1:\(silent.port)", token: bao.token)
        try await shop.alarm("no answer within")
        try shop.writeSources("sources: { vault: { kind: vault } }")
        try await shop.alarm("has no 'address'")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: workspace.root.appendingPathComponent("secret-sources.yaml").path)
        try await shop.alarm("not the daemon's alone")
        #expect(try await shop.password() == shop.planted[2])
        try await shop.expectHidden()

        // A login by a role, whose tokens end within the test, is renewed.
        #expect(try await bao.ask(.PUT, "sys/auth/approle", body: #"{"type":"approle"}"#).status == 204)
        #expect(
            try await bao.ask(.PUT, "sys/policies/acl/shop", body: #"{"policy":"path \"secret/data/shop\" { capabilities = [\"read\"] }"}"#).status
                == 204)
        #expect(try await bao.ask(.POST, "auth/approle/role/ingot", body: #"{"token_policies":"shop","token_ttl":"3s"}"#).status == 204)
        struct Answer: Decodable {
            struct Fields: Decodable {
                var role_id: String?
                var secret_id: String?
            }
            var data: Fields
        }
        let role = try JSONDecoder().decode(Answer.self, from: Data(try await bao.ask(.GET, "auth/approle/role/ingot/role-id").body.utf8)).data
            .role_id
        let secret = try JSONDecoder().decode(Answer.self, from: Data(try await bao.ask(.POST, "auth/approle/role/ingot/secret-id").body.utf8)).data
            .secret_id
        for (name, text) in [("role-id", role), ("secret-id", secret)] {
            try Data(try #require(text).utf8).write(to: workspace.folder.appendingPathComponent(name))
        }
        let files = "role-id-file: \(workspace.folder.path)/role-id, secret-id-file: \(workspace.folder.path)/secret-id"
        try shop.writeSources("sources: { vault: { kind: vault, address: '\(bao.address)', approle: { \(files) } } }")
        try await shop.calm()
        try await bao.put("shop", ["password": shop.planted[4], "other": shop.planted[3]])
        try await shop.answers(shop.planted[4])
        #expect(try await workspace.ingot("events", "--verify").exitCode == 0)
        try await shop.expectHidden()
    }

    @Test("come from AWS Secrets Manager and from an encrypted file", .enabled(if: SecretServers.haveMoto, "no moto: scripts/secret-servers"))
    func awsAndEncrypted() async throws {
        let shop = try SecretShop(secrets: ["PASSWORD": "{ aws: shop/db, field: password }", "SEALED": "{ encrypted: secrets.yaml }"])
        let workspace = shop.workspace
        defer { workspace.remove() }
        let port = try freePort()
        let log = workspace.folder.appendingPathComponent("moto.log")
        let moto = try SecretServers.start(SecretServers.moto, ["-H", "127.0.0.1", "-p", "\(port)"], log: log)
        defer { moto.kill() }
        func aws(_ action: String, _ body: [String: String]) async throws -> UInt {
            let authorization = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0"
            return try await SecretServers.send(
                .POST, "http://127.0.0.1:\(port)/",
                headers: [
                    ("X-Amz-Target", "secretsmanager.\(action)"), ("Content-Type", "application/x-amz-json-1.1"), ("Authorization", authorization),
                ], body: String(decoding: try JSONEncoder().encode(body), as: UTF8.self)
            ).status
        }
        func text(_ value: String) -> String { #"{"user":"shop","password":"\#(value)"}"# }
        try await eventually("moto answers", log: log) { (try? await aws("ListSecrets", [:])) == 200 }
        #expect(try await aws("CreateSecret", ["Name": "shop/db", "SecretString": text(shop.planted[0])]) == 200)
        let credentials = workspace.folder.appendingPathComponent("credentials")
        try Data("[ingot]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = \(shop.planted[5])\n".utf8).write(to: credentials)
        try shop.writeSources(
            """
            sources:
              aws: { kind: aws, region: eu-central-1, endpoint: 'http://127.0.0.1:\(port)', credentials-file: \(credentials.path), profile: ingot }
            """)
        try await workspace.startDaemon()

        // The encrypted one is missing first.
        let refused = try await workspace.ingot("deploy", "production", workspace.build())
        #expect(refused.exitCode == 2 && refused.standardError.contains("secrets.yaml has no value for SEALED"), "\(refused.standardError)")
        let value = workspace.folder.appendingPathComponent("value")
        try Data(shop.planted[1].utf8).write(to: value)
        try await expectSuccess(workspace.ingot(["secret", "encrypt", "production", "SEALED"], input: value))
        try FileManager.default.removeItem(at: value)
        try workspace.commit(version: 2)
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        #expect(try await shop.password() == shop.planted[0])

        #expect(try await aws("PutSecretValue", ["SecretId": "shop/db", "SecretString": text(shop.planted[2])]) == 200)
        try await shop.answers(shop.planted[2])
        #expect(try await aws("DeleteSecret", ["SecretId": "shop/db"]) == 200)
        try await shop.alarm("it is to be deleted")
        #expect(try await shop.password() == shop.planted[2])
        let list = try await workspace.ingot("secret", "list", "production").standardOutput
        #expect(list.contains("encrypted in secrets.yaml") && list.contains("aws shop/db, field password"), "\(list)")
        // Credentials are not the instances', and stand in their own file.
        let own = try Data(contentsOf: credentials)
        try FileManager.default.removeItem(at: credentials)
        try await shop.expectHidden()
        try own.write(to: credentials)
    }
}
