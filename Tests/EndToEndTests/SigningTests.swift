import Foundation
import Testing

/// Signing through the command line, and the tools of others: cosign and Sigstore's Python must take what Ingot signs, and Ingot what cosign signs.
@Suite("Signing") struct SigningTests {
    private struct Image: Decodable { var image: String }

    /// A workspace with an image `shop:1` and the key `release`.
    private static func signed(_ workspace: Workspace, _ variables: [String: String] = Self.password) async throws -> String {
        let built: Image = try await workspace.ingot("build", "-t", "shop:1", "--output", "json", ".").decoded()
        try expectSuccess(await workspace.ingot(["key", "create", "release"], variables: variables))
        return built.image
    }

    private static let password = ["INGOT_KEY_PASSWORD": "correct horse"]
    private static let testType = "https://in-toto.io/attestation/test-result/v0.1"

    @Test("an image is signed once, and verified by who has the key") func signAndVerify() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        _ = try await Self.signed(workspace)
        let unsigned = try await workspace.ingot("verify", "shop:1", "--key", "release")
        #expect(unsigned.exitCode == 3)
        #expect(unsigned.standardError.contains("no trusted key has signed"))
        let wrong = try await workspace.ingot(["sign", "shop:1", "--key", "release"], variables: ["INGOT_KEY_PASSWORD": "wrong"])
        #expect(wrong.exitCode == 2)
        #expect(wrong.standardError.contains("the password does not open"))
        try expectSuccess(await workspace.ingot(["sign", "shop:1", "--key", "release"], variables: Self.password))
        let again = try await workspace.ingot(["sign", "shop:1", "--key", "release"], variables: Self.password)
        #expect(again.standardOutput.contains("already"))
        try expectSuccess(await workspace.ingot("verify", "shop:1", "--key", "release"))

        try expectSuccess(await workspace.ingot(["key", "create", "other"], variables: Self.password))
        let other = try await workspace.ingot("verify", "shop:1", "--key", "other")
        #expect(other.exitCode == 3)
        #expect(other.standardError.contains("no trusted key has signed it"))
        let both = try await workspace.ingot("verify", "shop:1", "--key", "other", "--key", "release", "--keys-needed", "2")
        #expect(both.exitCode == 3)
        #expect(both.standardError.contains("1 of 2"))
        let shown = try await workspace.ingot("key", "show", "release")
        #expect(shown.standardOutput.hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
        #expect(try await workspace.ingot("key", "list").standardOutput.contains("sign and verify"))
    }

    @Test("what the builder wrote, and what a file says, are signed as statements") func statements() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        _ = try await Self.signed(workspace)
        try workspace.write("result.json", #"{"result":"PASSED","configuration":[]}"#)
        try expectSuccess(
            await workspace.ingot(
                ["attest", "shop:1", "--key", "release", "--type", "test", "--predicate", "result.json"], variables: Self.password))
        try expectSuccess(
            await workspace.ingot(["attest", "shop:1", "--key", "release", "--type", "slsaprovenance1"], variables: Self.password))
        try expectSuccess(await workspace.ingot("verify", "shop:1", "--key", "release", "--type", "test"))
        try expectSuccess(await workspace.ingot("verify", "shop:1", "--key", "release", "--type", "https://slsa.dev/provenance/v1"))
        #expect(try await workspace.ingot("verify", "shop:1", "--key", "release").exitCode == 3)
        #expect(try await workspace.ingot("verify", "shop:1", "--key", "release", "--type", "scan").exitCode == 3)
        let nothing = try await workspace.ingot(["attest", "shop:1", "--key", "release", "--type", "approval"], variables: Self.password)
        #expect(nothing.exitCode == 2)
        #expect(nothing.standardError.contains("there is no statement"))
    }

    @Test(
        "cosign and Sigstore's Python take what Ingot signs, and Ingot what cosign signs",
        .enabled(if: OtherSigners.isInstalled, "SKIPPED: cosign, its Python rivals or docker-registry are missing: scripts/setup test"))
    func others() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let registry = try await RegistryServer(in: workspace.folder)
        defer { registry.end() }
        let digest = try await Self.signed(workspace)
        let name = "\(registry.host)/team/shop"
        let others = OtherSigners(folder: workspace.folder, workspace: workspace)
        try workspace.write("result.json", #"{"result":"PASSED","configuration":[]}"#)
        try expectSuccess(await workspace.ingot(["sign", "shop:1", "--key", "release"], variables: Self.password))
        try expectSuccess(
            await workspace.ingot(
                ["attest", "shop:1", "--key", "release", "--type", "test", "--predicate", "result.json"], variables: Self.password))
        try expectSuccess(await workspace.ingot("image", "push", "shop:1", "\(name):1"))
        let key = workspace.root.appendingPathComponent("keys/release.pub").path
        try expectSuccess(await others.cosign(["verify", "--insecure-ignore-tlog", "--key", key, "\(name)@\(digest)"]))
        for type in [Self.testType, "https://sigstore.dev/cosign/sign/v1"] {
            try expectSuccess(await others.verifyAttestation(type, key: key, "\(name)@\(digest)"))
        }
        #expect(try await others.verifyAttestation("https://slsa.dev/provenance/v1", key: key, "\(name)@\(digest)").exitCode != 0)
        for bundle in try await others.bundles(registry.host, "team/shop", digest) { try expectSuccess(await others.python(bundle, key: key)) }

        // The other way: cosign's key, signature and attestation.
        try expectSuccess(await others.cosign(["generate-key-pair"]))
        let theirs = workspace.folder.appendingPathComponent("cosign.pub").path
        let secret = workspace.folder.appendingPathComponent("cosign.key").path
        #expect(try await others.cosign(["verify", "--insecure-ignore-tlog", "--key", theirs, "\(name)@\(digest)"]).exitCode != 0)
        try expectSuccess(await others.cosign(["sign", "--tlog-upload=false", "--yes", "--key", secret, "\(name)@\(digest)"]))
        try expectSuccess(
            await others.cosign([
                "attest", "--new-bundle-format", "--tlog-upload=false", "--yes", "--key", secret, "--type", Self.testType, "--predicate",
                workspace.repository.appendingPathComponent("result.json").path, "\(name)@\(digest)",
            ]))
        let other = try Workspace()
        defer { other.remove() }
        try expectSuccess(await other.ingot("image", "pull", "\(name):1", "--tag", "shop:1"))
        try expectSuccess(await other.ingot("verify", "shop:1", "--key", key, "--key", theirs, "--keys-needed", "2"))
        try expectSuccess(await other.ingot("verify", "shop:1", "--key", key, "--key", theirs, "--keys-needed", "2", "--type", "test"))
        // And cosign's key signs here.
        try expectSuccess(await other.ingot("image", "pull", "\(name):1", "--tag", "shop:1"))
        try expectSuccess(
            await other.ingot(
                [
                    "attest", "shop:1", "--key", secret, "--type", "urn:x", "--predicate",
                    workspace.repository.appendingPathComponent("result.json").path,
                ],
                variables: ["INGOT_KEY_PASSWORD": OtherSigners.password]))
        try expectSuccess(await other.ingot("verify", "shop:1", "--key", theirs, "--type", "urn:x"))
    }
}
