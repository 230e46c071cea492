import Foundation
import ImageStore
import IngotModel
import NIOHTTP1
import Testing

@testable import RegistryServer

/// The cases of the specification's conformance suite, each under its own name, written anew: the suite itself is in Go, with
/// modules that the machine that tests cannot have.
///
/// Source: opencontainers/distribution-spec, `conformance/01_pull_test.go` to `04_management_test.go`, release 1.1.
@Suite("The conformance suite")
struct ConformanceTests {
    private static let name = "myorg/myrepo"
    private static let unknown = "sha256:" + String(repeating: "0", count: 64)
    private static let config = Array(#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"author":"1"}"#.utf8)
    private static let layer = noise(3_000, seed: 5)
    private static let empty = Array("{}".utf8)
    private static let (typeA, typeB) = ("application/vnd.nhl.peanut.butter.bagel", "application/vnd.nba.strawberry.jam.croissant")

    private static func manifest(config: [UInt8] = config, layers: [[UInt8]] = [layer]) throws -> [UInt8] {
        try document(
            ImageManifest(
                config: descriptor(config, MediaType.configuration), layers: layers.map { descriptor($0, MediaType.layerGzip) }))
    }

    private static func populated(_ body: (LocalRegistry, _ manifest: [UInt8]) async throws -> Void) async throws {
        try await LocalRegistry.with { registry in
            try await registry.push(config, to: name)
            try await registry.push(layer, to: name)
            let manifest = try manifest()
            #expect(try await registry.put(manifest, name, "tagtest0").status == 201)
            try await body(registry, manifest)
        }
    }

    // MARK: Pull

    @Test("Pull blobs: nonexistent is 404 by HEAD and GET, existing is 200")
    func pullBlobs() async throws {
        try await Self.populated { registry, _ in
            for method in [HTTPMethod.HEAD, .GET] {
                #expect(try await registry.send(method, "/v2/\(Self.name)/blobs/\(Self.unknown)").status == 404)
                let reply = try await registry.send(method, "/v2/\(Self.name)/blobs/\(digest(Self.config))")
                #expect(reply.status == 200)
                #expect(reply.header("docker-content-digest") == "\(digest(Self.config))")
                #expect(reply.header("content-length") == "\(Self.config.count)")
                #expect(reply.body == (method == .GET ? Self.config : []))
            }
        }
    }

    @Test("Pull manifests: nonexistent is 404 by HEAD and GET, existing is 200 by digest and by tag")
    func pullManifests() async throws {
        try await Self.populated { registry, manifest in
            for method in [HTTPMethod.HEAD, .GET] {
                #expect(try await registry.send(method, "/v2/\(Self.name)/manifests/.INVALID_MANIFEST_NAME").status == 404)
                for reference in ["tagtest0", "\(digest(manifest))"] {
                    let reply = try await registry.send(method, "/v2/\(Self.name)/manifests/\(reference)", ["accept": MediaType.manifest])
                    #expect(reply.status == 200)
                    #expect(reply.header("docker-content-digest") == "\(digest(manifest))")
                    #expect(reply.header("content-type") == MediaType.manifest)
                    #expect(reply.body == (method == .GET ? manifest : []))
                }
            }
        }
    }

    @Test("Error codes: a 400 response body contains an OCI-conforming JSON message")
    func errorCodes() async throws {
        try await LocalRegistry.with { registry in
            let reply = try await registry.put(Array("blablabla".utf8), Self.name, "sha256:totallywrong")
            #expect(reply.status == 400)
            #expect(reply.code == "DIGEST_INVALID")
            #expect(try await registry.put(Array("blablabla".utf8), Self.name, "x").code == "MANIFEST_INVALID")
        }
    }

    // MARK: Push

    @Test("Blob Upload Streamed: PATCH is 202, PUT to the session with a digest is 201")
    func streamed() async throws {
        try await LocalRegistry.with { registry in
            let location = try await registry.begin(Self.name)
            let patch = try await registry.send(.PATCH, location, ["content-type": MediaType.bytes], body: Self.layer)
            #expect(patch.status == 202)
            #expect(patch.header("range") == "0-\(Self.layer.count - 1)")
            let put = try await registry.send(.PUT, "\(try #require(patch.header("location")))?digest=\(digest(Self.layer))")
            #expect(put.status == 201)
            #expect(put.header("location") == "/v2/\(Self.name)/blobs/\(digest(Self.layer))")
        }
    }

    @Test("Blob Upload Monolithic: POST with a digest is 201, and POST then PUT is 201")
    func monolithic() async throws {
        try await LocalRegistry.with { registry in
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/blobs/\(Self.unknown)").status == 404)
            let post = try await registry.send(
                .POST, "/v2/\(Self.name)/blobs/uploads/?digest=\(digest(Self.config))", ["content-type": MediaType.bytes], body: Self.config)
            #expect(post.status == 201)
            #expect(post.header("location") != nil)
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/blobs/\(digest(Self.config))").status == 200)
            let location = try await registry.begin(Self.name)
            let put = try await registry.send(.PUT, "\(location)?digest=\(digest(Self.layer))", ["content-type": MediaType.bytes], body: Self.layer)
            #expect(put.status == 201)
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/blobs/\(digest(Self.layer))").body == Self.layer)
        }
    }

    @Test("Blob Upload Chunked: out of order is 416, the first chunk 202, its status 204, a retry of it 416, the final one 201")
    func chunked() async throws {
        try await LocalRegistry.with { registry in
            let location = try await registry.begin(Self.name)
            let (first, second) = (Array(Self.layer.prefix(1_000)), Array(Self.layer.dropFirst(1_000)))
            let range = "1000-\(Self.layer.count - 1)"
            #expect(try await registry.send(.PATCH, location, ["content-range": range], body: second).status == 416)
            let patch = try await registry.send(.PATCH, location, ["content-range": "0-999"], body: first)
            #expect(patch.status == 202)
            let status = try await registry.send(.GET, location)
            #expect(status.status == 204)
            #expect(status.header("range") == "0-999")
            #expect(status.header("location") != nil)
            let retry = try await registry.send(.PATCH, location, ["content-range": "0-999"], body: first)
            #expect(retry.status == 416)
            #expect(retry.header("range") == "0-999")
            #expect(try await registry.send(.PATCH, location, ["content-range": range], body: second).status == 202)
            #expect(try await registry.send(.PUT, "\(location)?digest=\(digest(Self.layer))").status == 201)
        }
    }

    @Test("Cross-Repository Blob Mount: of an existing blob 201, of a nonexistent one 202, and GET tells which")
    func mounts() async throws {
        try await LocalRegistry.with { registry in
            try await registry.push(Self.layer, to: Self.name)
            let other = "/v2/myorg/other/blobs"
            let none = try await registry.send(.POST, "\(other)/uploads/?mount=\(Self.unknown)&from=\(Self.name)")
            #expect(none.status == 202)
            #expect(none.header("location")?.hasPrefix("\(other)/uploads/") == true)
            #expect(try await registry.send(.GET, "\(other)/\(digest(Self.layer))").status == 404)
            let mount = try await registry.send(.POST, "\(other)/uploads/?mount=\(digest(Self.layer))&from=\(Self.name)")
            #expect(mount.status == 201)
            #expect(mount.header("location") == "\(other)/\(digest(Self.layer))")
            #expect(try await registry.send(.GET, "\(other)/\(digest(Self.layer))").body == Self.layer)
            #expect(try await registry.send(.POST, "/v2/third/blobs/uploads/?mount=\(digest(Self.layer))").status == 202)
        }
    }

    @Test("Manifest Upload: nonexistent is 404, PUT is accepted by several tags, with no layers too, and GET by digest is 200")
    func manifestUpload() async throws {
        try await Self.populated { registry, manifest in
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/manifests/.INVALID_MANIFEST_NAME").status == 404)
            for tag in 0..<4 {
                let reply = try await registry.put(manifest, Self.name, "test\(tag)")
                #expect(reply.status == 201)
                #expect(reply.header("location") == "/v2/\(Self.name)/manifests/\(digest(manifest))")
            }
            #expect(try await registry.put(Self.manifest(layers: []), Self.name, "emptylayer").status == 201)
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/manifests/\(digest(manifest))").status == 200)
        }
    }

    // MARK: Content discovery

    @Test("Listing tags: 200, limited by n, beginning after last")
    func tags() async throws {
        struct Tags: Decodable {
            var name: String
            var tags: [String]
        }
        try await Self.populated { registry, manifest in
            for tag in ["test2", "test0", "test1", "Test"] { #expect(try await registry.put(manifest, Self.name, tag).status == 201) }
            let all = try await registry.send(.GET, "/v2/\(Self.name)/tags/list")
            #expect(all.status == 200)
            #expect(try all.json(Tags.self).tags == ["Test", "tagtest0", "test0", "test1", "test2"])
            #expect(try all.json(Tags.self).name == Self.name)
            let some = try await registry.send(.GET, "/v2/\(Self.name)/tags/list?n=2")
            #expect(try some.json(Tags.self).tags == ["Test", "tagtest0"])
            let link = try #require(some.header("link"))
            #expect(link.hasSuffix(">; rel=\"next\""))
            let rest = try await registry.send(.GET, String(link.dropFirst().prefix { $0 != ">" }))
            #expect(try rest.json(Tags.self).tags == ["test0", "test1"])
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/tags/list?n=0").json(Tags.self).tags == [])
            #expect(try await registry.send(.GET, "/v2/none/tags/list").code == "NAME_UNKNOWN")
        }
    }

    @Test("Listing referrers: of nothing an empty 200, of a subject all, filtered by type, of a missing subject, too")
    func referrers() async throws {
        try await Self.populated { registry, subject in
            try await registry.push(Self.empty, to: Self.name)
            let path = "/v2/\(Self.name)/referrers"
            let none = try await registry.send(.GET, "\(path)/\(Self.unknown)")
            #expect(none.status == 200)
            #expect(none.header("content-type") == MediaType.index)
            #expect(try none.json(ImageIndex.self).manifests.isEmpty)
            let about = descriptor(subject, MediaType.manifest)
            for (number, type) in [Self.typeA, Self.typeB, Self.typeA].enumerated() {
                let reply = try await Self.putReferrer(registry, about, type: type, annotation: "\(number)")
                #expect(reply.status == 201)
                #expect(reply.header("oci-subject") == "\(about.digest)")
            }
            let all = try await registry.send(.GET, "\(path)/\(about.digest)")
            #expect(all.header("content-type") == MediaType.index)
            #expect(all.header("oci-filters-applied") == nil)
            let manifests = try all.json(ImageIndex.self).manifests
            #expect(Set(manifests.compactMap { $0.annotations?["org.opencontainers.conformance.test"] }) == ["0", "1", "2"])
            let filtered = try await registry.send(.GET, "\(path)/\(about.digest)?artifactType=\(Self.typeA)")
            #expect(filtered.header("oci-filters-applied") == "artifactType")
            #expect(try filtered.json(ImageIndex.self).manifests.map(\.artifactType) == [Self.typeA, Self.typeA])
            let missing = try #require(Digest(Self.unknown))
            let early = Descriptor(mediaType: MediaType.manifest, digest: missing, size: 5)
            #expect(try await Self.putReferrer(registry, early, type: Self.typeB, annotation: "x").header("oci-subject") == Self.unknown)
            #expect(try await registry.send(.GET, "\(path)/\(missing)").json(ImageIndex.self).manifests.count == 1)
            // An index may be about something, too.
            let index = Array(
                #"{"schemaVersion":2,"mediaType":"\#(MediaType.index)","artifactType":"\#(Self.typeB)","manifests":[],"subject":\#(String(decoding: try document(about), as: UTF8.self))}"#
                    .utf8)
            #expect(try await registry.put(index, Self.name, "\(digest(index))", type: MediaType.index).header("oci-subject") == "\(about.digest)")
            #expect(try await registry.send(.GET, "\(path)/\(about.digest)").json(ImageIndex.self).manifests.count == 4)
            // A deleted one is in no list.
            #expect(try await registry.send(.DELETE, "/v2/\(Self.name)/manifests/\(digest(index))").status == 202)
            #expect(try await registry.send(.GET, "\(path)/\(about.digest)").json(ImageIndex.self).manifests.count == 3)
        }
    }

    private static func putReferrer(
        _ registry: LocalRegistry, _ subject: Descriptor, type: String, annotation: String
    ) async throws -> LocalRegistry.Reply {
        var manifest = ImageManifest(
            config: descriptor(empty, MediaType.empty), layers: [descriptor(empty, MediaType.empty)],
            annotations: ["org.opencontainers.conformance.test": annotation])
        manifest.artifactType = type
        manifest.subject = subject
        let bytes = try document(manifest)
        return try await registry.put(bytes, name, "\(digest(bytes))")
    }

    // MARK: Content management

    @Test("Manifest delete: by tag 202, by digest 202, then GET is 404, and the list of tags shows it")
    func manifestDelete() async throws {
        try await Self.populated { registry, manifest in
            #expect(try await registry.put(manifest, Self.name, "other").status == 201)
            #expect(try await registry.send(.DELETE, "/v2/\(Self.name)/manifests/tagtest0").status == 202)
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/manifests/tagtest0").status == 404)
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/manifests/other").status == 200)
            #expect(try await registry.send(.DELETE, "/v2/\(Self.name)/manifests/\(digest(manifest))").status == 202)
            for reference in ["other", "\(digest(manifest))"] {
                #expect(try await registry.send(.GET, "/v2/\(Self.name)/manifests/\(reference)").code == "MANIFEST_UNKNOWN")
                #expect(try await registry.send(.DELETE, "/v2/\(Self.name)/manifests/\(reference)").status == 404)
            }
            let tags = try await registry.send(.GET, "/v2/\(Self.name)/tags/list")
            #expect(tags.status == 200)
            #expect(!tags.text.contains("tagtest0") && !tags.text.contains("other"))
        }
    }

    @Test("Blob delete: 202, then GET is 404")
    func blobDelete() async throws {
        try await Self.populated { registry, manifest in
            try await registry.send(.DELETE, "/v2/\(Self.name)/manifests/\(digest(manifest))")
            #expect(try await registry.send(.DELETE, "/v2/\(Self.name)/blobs/\(digest(Self.layer))").status == 202)
            #expect(try await registry.send(.GET, "/v2/\(Self.name)/blobs/\(digest(Self.layer))").status == 404)
            #expect(try await registry.send(.DELETE, "/v2/\(Self.name)/blobs/\(digest(Self.layer))").status == 404)
        }
    }
}
