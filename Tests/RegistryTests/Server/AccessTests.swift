import Certificates
import Foundation
import Glibc
import ImageStore
import IngotModel
import NIOHTTP1
import SystemPackage
import Testing

@testable import RegistryServer

/// Who may do what, over HTTP.
@Suite("Access to the registry")
struct AccessTests {
    private static func basic(_ secret: String) -> String { "Basic " + Data("anyone:\(secret)".utf8).base64EncodedString() }

    @Test("without a token is a login, of which everybody's client is told how")
    func challenge() async throws {
        try await LocalRegistry.with { registry in
            for (method, path, scope) in [
                (HTTPMethod.GET, "/v2/", nil), (.GET, "/v2/_catalog", nil), (.GET, "/v2/shop/manifests/1", "repository:shop:pull"),
                (.POST, "/v2/shop/blobs/uploads/", "repository:shop:pull,push"), (.DELETE, "/v2/shop/manifests/1", "repository:shop:pull,push"),
            ] as [(HTTPMethod, String, String?)] {
                let reply = try await registry.send(method, path, authorization: "")
                #expect(reply.status == 401 && reply.code == "UNAUTHORIZED", "\(path)")
                let expected = "Bearer realm=\"http://\(registry.host)/v2/token\",service=\"ingot\"" + (scope.map { ",scope=\"\($0)\"" } ?? "")
                #expect(reply.header("www-authenticate") == expected)
            }
            #expect(try await registry.send(.GET, "/v2/token", authorization: "").header("www-authenticate")?.hasPrefix("Basic ") == true)
        }
    }

    @Test("names no host in a challenge that is none")
    func host() async throws {
        try await LocalRegistry.with { registry in
            for host in ["x\\\" y", "a/b", "a b", "<x>", "a@b"] {
                let text = try await RawConnection.talk(registry.port) { connection in
                    connection.write("GET /v2/ HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
                    return connection.readToEnd()
                }
                #expect(text?.contains("realm=\"http://localhost/v2/token\"") == true, "\(host): \(text ?? "nothing")")
            }
        }
    }

    @Test("is by Basic, by Bearer, and by what the token server gives for either")
    func ways() async throws {
        struct Document: Decodable {
            var token: String
            var expires_in: Int
        }
        try await LocalRegistry.with { registry in
            for header in [Self.basic(registry.secret), "Bearer \(registry.secret)"] {
                #expect(try await registry.send(.GET, "/v2/", authorization: header).status == 200)
                let reply = try await registry.send(.GET, "/v2/token?service=ingot&scope=repository:shop:pull", authorization: header)
                #expect(reply.status == 200 && reply.header("cache-control") == "no-store")
                let token = try reply.json(Document.self).token
                #expect(try await registry.send(.GET, "/v2/", authorization: "Bearer \(token)").status == 200)
            }
            for header in [
                "Bearer x", Self.basic("x"), Self.basic(RegistrySecret.make().text), "Bearer \(RegistrySecret.make().text)", "Bearer anonymous",
            ] {
                #expect(try await registry.send(.GET, "/v2/", authorization: header).status == 401, "\(header)")
                #expect(try await registry.send(.GET, "/v2/token", authorization: header).status == 401, "\(header)")
            }
            let other = try await registry.send(.GET, "/v2/token?service=elsewhere", authorization: Self.basic(registry.secret))
            #expect(other.status == 400 && other.code == "DENIED" && !other.text.contains(registry.secret))
        }
    }

    @Test("is to the token's repositories, to pull or to push")
    func scopes() async throws {
        try await LocalRegistry.with { registry in
            let blob = noise(100, seed: 1)
            try await registry.push(blob, to: "shop/web")
            try await registry.push(blob, to: "team/api")
            let puller = try "Bearer " + LocalRegistry.token(in: registry.store, "puller", ["shop/*"])
            let pusher = try "Bearer " + LocalRegistry.token(in: registry.store, "pusher", ["shop/*"], mayPush: true)
            let path = "/v2/shop/web/blobs/\(digest(blob))"
            for header in [puller, pusher] {
                #expect(try await registry.send(.GET, path, authorization: header).status == 200)
                let denied = try await registry.send(.GET, "/v2/team/api/blobs/\(digest(blob))", authorization: header)
                #expect(denied.status == 403 && denied.code == "DENIED")
                #expect(try await registry.send(.GET, "/v2/_catalog", authorization: header).text == #"{"repositories":["shop/web"]}"#)
            }
            #expect(try await registry.send(.POST, "/v2/shop/web/blobs/uploads/", authorization: puller).status == 403)
            #expect(try await registry.send(.DELETE, path, authorization: puller).status == 403)
            #expect(try await registry.send(.POST, "/v2/team/api/blobs/uploads/", authorization: pusher).status == 403)
            // A blob is not mounted from where one may not read.
            let mount = "/v2/shop/new/blobs/uploads/?mount=\(digest(blob))&from="
            #expect(try await registry.send(.POST, mount + "team/api", authorization: pusher).status == 202)
            #expect(try await registry.send(.POST, mount + "shop/web", authorization: pusher).status == 201)
        }
    }

    @Test("ends with its token")
    func revoked() async throws {
        try await LocalRegistry.with { registry in
            let tokens = RegistryTokens(root: registry.store.root.string)
            let secret = try LocalRegistry.token(in: registry.store, "short", ["**"])
            #expect(try await registry.send(.GET, "/v2/", authorization: "Bearer \(secret)").status == 200)
            #expect(try tokens.revoke("short"))
            #expect(try await registry.send(.GET, "/v2/", authorization: "Bearer \(secret)").status == 401)
            let old = try tokens.create(
                "old", repositories: [], mayPush: true, createdAt: Timestamp(secondsSince1970: 0), lifetime: .seconds(1)
            ).secret
            #expect(try await registry.send(.GET, "/v2/", authorization: "Bearer \(old)").status == 401)
        }
    }

    @Test("is anybody's for pulling where that is so, and never for pushing")
    func anonymous() async throws {
        try await LocalRegistry.with({ $0.isOpen = true }) { registry in
            let blob = noise(100, seed: 1)
            try await registry.push(blob, to: "shop")
            // Docker asks first whether it is to log in.
            #expect(try await registry.send(.GET, "/v2/", authorization: "").status == 401)
            #expect(try await registry.send(.GET, "/v2/token", authorization: "").text.contains("\"token\":\"anonymous\""))
            #expect(try await registry.send(.GET, "/v2/", authorization: "Bearer anonymous").status == 200)
            for header in ["", "Bearer anonymous"] {
                #expect(try await registry.send(.GET, "/v2/shop/blobs/\(digest(blob))", authorization: header).status == 200)
                #expect(try await registry.send(.POST, "/v2/shop/blobs/uploads/", authorization: header).status == 401)
                #expect(try await registry.send(.DELETE, "/v2/shop/blobs/\(digest(blob))", authorization: header).status == 401)
            }
        }
    }

    @Test("from other machines is by TLS only, unless it was said by name")
    func plain() async throws {
        try await withStore { store in
            let error = await #expect(throws: RegistryServerError.self) {
                try await LocalRegistry.with(store, { $0.host = "0.0.0.0" }) { _ in }
            }
            #expect(error?.code == "registry-server.not-encrypted")
            try await LocalRegistry.with(store, { ($0.host, $0.isInsecureAllowed) = ("0.0.0.0", true) }) { registry async throws in
                #expect(try await registry.send(.GET, "/v2/").status == 200)
            }
        }
    }

    @Test("by TLS gives the same blobs, and names itself so")
    func encrypted() async throws {
        try await withStore { store in
            let tool = Tool(folder: store.root)
            let (certificate, key) = try await Self.certificate("a", by: tool)
            try await LocalRegistry.with(store, { $0.certificate = (certificate, key) }) { registry in
                let blob = try store.writeBlob(noise(2_500_000, seed: 8))
                try store.repository(#require(RepositoryName("shop"))).link(blob.digest)
                let url = "https://\(registry.host)/v2/"
                let challenge = try await tool("curl", "-s", "-i", "--cacert", certificate, url)
                #expect(challenge.contains("realm=\"https://\(registry.host)/v2/token\""))
                let file = "\(store.root)/got"
                let header = "Authorization: Bearer \(registry.secret)"
                try await tool("curl", "-fsS", "--cacert", certificate, "-H", header, "-o", file, "\(url)shop/blobs/\(blob.digest)")
                #expect(digest(try Array(Data(contentsOf: URL(fileURLWithPath: file)))) == blob.digest)
            }
            let error = await #expect(throws: CertificateError.self) {
                try await LocalRegistry.with(store, { $0.certificate = (key, key) }) { _ in }
            }
            #expect(error?.code == "certificates.unusable")
            chmod(key, 0o604)
            let open = await #expect(throws: CertificateError.self) {
                try await LocalRegistry.with(store, { $0.certificate = (certificate, key) }) { _ in }
            }
            #expect(open?.code == "certificates.key-readable-by-others")
        }
    }

    @Test("by TLS takes up a renewed certificate by itself, and speaks nothing older than TLS 1.2")
    func renewed() async throws {
        try await withStore { store in
            let tool = Tool(folder: store.root)
            let (first, second) = (try await Self.certificate("a", by: tool), try await Self.certificate("b", by: tool))
            let shown = (chain: "\(store.root)/chain.pem", key: "\(store.root)/key.pem")
            func show(_ files: (chain: String, key: String)) async throws {
                for (from, to) in [(files.chain, shown.chain), (files.key, shown.key)] {
                    try await tool("cp", "-p", from, "\(to).new")
                    try await tool("mv", "\(to).new", to)
                }
            }
            try await show(first)
            try await LocalRegistry.with(store, { $0.certificate = shown }) { registry in
                let url = "https://\(registry.host)/v2/"
                try await tool("curl", "-s", "--cacert", first.chain, url)
                let old = await #expect(throws: Tool.Failure.self) {
                    try await tool("openssl", "s_client", "-connect", registry.host, "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
                }
                #expect(old?.description.contains("protocol version") == true, "\(old?.description ?? "")")
                try await show(second)
                #expect(try await eventually { (try? await tool("curl", "-s", "--cacert", second.chain, url)) != nil })
            }
        }
    }

    private static func certificate(_ name: String, by tool: Tool) async throws -> (chain: String, key: String) {
        let files = (chain: "\(tool.folder)/\(name).crt", key: "\(tool.folder)/\(name).key")
        try await tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files.key, "-out", files.chain)
        return files
    }
}
