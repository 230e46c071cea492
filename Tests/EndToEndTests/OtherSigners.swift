import Foundation
import Testing

/// The tools with which others sign and verify: cosign, and from Python sigstore, securesystemslib and in-toto's own types.
struct OtherSigners {
    static let password = "battery staple"
    private static let tools = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".build/tools")
    private static let program = ["/usr/bin/cosign", tools.appendingPathComponent("cosign").path].first(where: isExecutable) ?? ""
    private static let python = tools.appendingPathComponent("python/bin/python3").path
    static var isInstalled: Bool { isExecutable(program) && isExecutable(python) && isExecutable(RegistryServer.program) }

    let folder: URL
    let workspace: Workspace

    private static func isExecutable(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

    func cosign(_ arguments: [String]) async throws -> Workspace.Output {
        let variables = ["COSIGN_PASSWORD": Self.password, "HOME": folder.path]
        return try await workspace.run(Self.program, arguments, variables: variables, in: folder)
    }

    func verifyAttestation(_ type: String, key: String, _ image: String) async throws -> Workspace.Output {
        // A root of trust with nothing in it: cosign is not to fetch one.
        let root = folder.appendingPathComponent("trusted-root.json")
        try Data(#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#.utf8).write(to: root)
        return try await cosign([
            "verify-attestation", "--new-bundle-format", "--insecure-ignore-tlog", "--trusted-root", root.path, "--key", key, "--type", type, image,
        ])
    }

    /// All bundles about an image in a registry that has no list of referrers but a tag.
    func bundles(_ host: String, _ repository: String, _ digest: String) async throws -> [Data] {
        struct Index: Decodable {
            struct Entry: Decodable {
                var digest: String
                var artifactType: String?
            }
            var manifests: [Entry]
        }
        struct Manifest: Decodable {
            struct Layer: Decodable { var digest: String }
            var layers: [Layer]
        }
        func fetch(_ path: String) async throws -> Data {
            let accept = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"
            let answer = try await workspace.run("/usr/bin/curl", ["-fsS", "-H", "Accept: \(accept)", "http://\(host)/v2/\(repository)/\(path)"])
            try expectSuccess(answer)
            return Data(answer.standardOutput.utf8)
        }
        let index = try await JSONDecoder().decode(Index.self, from: fetch("manifests/\(digest.replacingOccurrences(of: ":", with: "-"))"))
        var bundles: [Data] = []
        for entry in index.manifests where entry.artifactType == "application/vnd.dev.sigstore.bundle.v0.3+json" {
            let manifest = try await JSONDecoder().decode(Manifest.self, from: fetch("manifests/\(entry.digest)"))
            bundles.append(try await fetch("blobs/\(try #require(manifest.layers.first).digest)"))
        }
        try #require(!bundles.isEmpty)
        return bundles
    }

    func python(_ bundle: Data, key: String) async throws -> Workspace.Output {
        let file = folder.appendingPathComponent("bundle.json")
        try bundle.write(to: file)
        return try await workspace.run(Self.python, ["-c", Self.script, file.path, key])
    }

    private static let script = """
        import json, sys
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
        from google.protobuf import json_format
        from in_toto_attestation.v1 import statement_pb2
        from in_toto_attestation.v1.statement import Statement
        from securesystemslib.dsse import Envelope
        from securesystemslib.signer import SSlibKey
        from sigstore import dsse
        from sigstore_models.bundle.v1 import Bundle

        text = open(sys.argv[1]).read()
        key = load_pem_public_key(open(sys.argv[2], "rb").read())
        payload = dsse._verify(key, dsse.Envelope(Bundle.from_json(text).dsse_envelope))
        envelope = json.loads(text)["dsseEnvelope"]
        named = [{"keyid": "any", **signature} for signature in envelope["signatures"]]
        Envelope.from_dict({**envelope, "signatures": named}).verify([SSlibKey.from_crypto(key, keyid="any")], 1)
        statement = json_format.Parse(payload, statement_pb2.Statement())
        # in-toto's own check takes no empty predicate, which a signature's is, as cosign writes it.
        if statement.predicate.fields:
            Statement.copy_from_pb(statement).validate()
        """
}
