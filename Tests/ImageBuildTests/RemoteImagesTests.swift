import Foundation
import ImageStore
import IngotModel
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import ImageBuild

/// Registries that are a store on this machine.
final class FakeRemote: RemoteImages {
    let source: ImageStore
    /// What is wrong with the network.
    let failure: BuildError?
    private let log = Mutex<[String]>([])
    private let documents = Mutex<[String: ([UInt8], [Digest: Descriptor])]>([:])

    var calls: [String] { log.withLock { $0 } }

    init(_ source: ImageStore, failure: BuildError? = nil) {
        self.source = source
        self.failure = failure
    }

    struct Unreachable: ExplainedError {
        let code = "registry.unreachable"
        let message = "r.example cannot be reached"
        let remedy: String? = nil
        let fault = Fault.world
        let cause: (any Error)? = nil
    }

    func storeName(of name: String) -> String? {
        guard let name = ImageName(name), name.host != "ingot.local" else { return nil }
        return "\(name.host ?? "docker.io")/\(name.path):\(name.tag ?? "latest")"
    }

    func pull(_ name: String, for platform: Platform, into store: ImageStore) async throws -> Image {
        log.withLock { $0.append("pull \(name) \(platform)") }
        let canonical = storeName(of: name) ?? name
        guard let root = try source.resolveRoot(canonical) else { throw Unreachable() }
        let image = try source.image(root, for: platform.descriptor) ?? source.image(root)
        let archive = store.root.appending("pulled-\(UInt32.random(in: 0 ... .max)).tar")
        try source.exportArchive(image.digest, as: .oci, to: .file(archive))
        let imported = try store.importImage(from: archive).image
        try store.tag(imported.digest, as: canonical)
        return imported
    }

    func push(_ image: Digest, to name: String, from store: ImageStore) async throws { log.withLock { $0.append("push \(image) \(name)") } }

    func collection(_ name: String, type: String) async throws -> RemoteLayers? {
        if name.hasPrefix("unreachable") { throw Unreachable() }
        return documents.withLock { $0[name] }.map { RemoteLayers(document: $0.0, blobs: $0.1) }
    }

    func pushCollection(_ layers: [Layer], document: [UInt8], type: String, to name: String, from store: ImageStore) async throws {
        for layer in layers { _ = try source.addLayer(store.files(of: layer)) }
        documents.withLock { $0[name] = (document, Dictionary(uniqueKeysWithValues: layers.map { ($0.diffID, $0.blob) })) }
    }

    func layer(_ blob: Descriptor, diffID: Digest, of name: String, into store: ImageStore) async throws -> Layer {
        log.withLock { $0.append("layer") }
        let layer = try #require(try source.layer(diffID: diffID))
        return try store.addLayer(source.files(of: layer))
    }
}

@Suite("A build with registries")
struct RemoteImagesTests {
    /// A builder whose registries have `r.example/base:1` for two platforms, and `docker.io/debian:latest`.
    private static func with(_ body: (BuildFixture, ImageBuilder, FakeRemote) async throws -> Void) async throws {
        try await BuildFixture.with(base: false) { far in
            try await BuildFixture.with(base: false) { fixture in
                let own = try image(far.store, "one", Platform.host)
                let foreign = try image(far.store, "two", Platform(architecture: "s390x"))
                try far.store.tag(far.store.addIndex(of: [own, foreign]), as: "r.example/base:1")
                try far.store.tag(image(far.store, "debian", .host).digest, as: "docker.io/debian:latest")
                let remote = FakeRemote(far.store)
                let builder = ImageBuilder(store: fixture.store, cacheFolder: fixture.build, remote: remote, logger: Logger(label: "test"))
                try fixture.write("a", "a")
                try await body(fixture, builder, remote)
            }
        }
    }

    private static func image(_ store: ImageStore, _ text: String, _ platform: Platform) throws -> Image {
        var tree = FileTree()
        try tree.insert(.regular(FileContent(text: text), FileMetadata(mode: 0o644)), at: TreePath("name"))
        var configuration = ImageConfiguration(architecture: platform.architecture)
        configuration.config.environment = ["PATH=/bin"]
        return try store.addImage(configuration, layers: [store.addLayer(tree)])
    }

    private static func text(_ image: Image, _ store: ImageStore) throws -> String {
        let tree = try store.files(of: image)
        return String(decoding: try #require(tree.node(at: TreePath("name"))?.content).bytes(limit: 100), as: UTF8.self)
    }

    @Test("takes a base that is not here from its registry, once, and names it in the provenance")
    func pulled() async throws {
        try await Self.with { fixture, builder, remote in
            let text = "FROM r.example/base:1 AS x\nFROM r.example/base:1\nCOPY --from=x name /other\nCOPY a /"
            let result = try await builder.build(fixture.request(text))
            #expect(try Self.text(result.image, fixture.store) == "one")
            #expect(remote.calls == ["pull r.example/base:1 \(Platform.host)"])
            #expect(result.image.manifest.annotations?[Image.baseNameAnnotation] == "r.example/base:1")
            let document = try #require(fixture.store.referrers(of: result.image.digest).first)
            let statement = try fixture.store.readBlob(document.manifest.layers[0].digest, limit: .mebibytes(1))
            #expect(String(decoding: statement, as: UTF8.self).contains("r.example/base:1"))
            _ = try await builder.build(fixture.request(text))
            #expect(remote.calls.count == 1)
            let fresh = try await builder.build(fixture.request(text) { $0.pulling = .always })
            #expect(remote.calls.count == 2)
            #expect(fresh.image.digest == result.image.digest)
        }
    }

    @Test("never lets a registry stand for a name that was given here")
    func ownNames() async throws {
        try await Self.with { fixture, builder, remote in
            try fixture.store.tag(Self.image(fixture.store, "own", .host).digest, as: "debian")
            let own = try await builder.build(fixture.request("FROM debian\nCOPY a /") { $0.pulling = .always })
            #expect(try Self.text(own.image, fixture.store) == "own")
            #expect(remote.calls.isEmpty)
            try fixture.store.untag("debian")
            let far = try await builder.build(fixture.request("FROM debian\nCOPY a /"))
            #expect(try Self.text(far.image, fixture.store) == "debian")
            #expect(try fixture.store.tags()["debian"] == nil)
        }
    }

    @Test("says where it looked", arguments: [("r.example/none:1", true), ("ingot.local/x", false)])
    func missing(name: String, isAsked: Bool) async throws {
        try await Self.with { fixture, builder, remote in
            let request = try fixture.request("FROM \(name)\nCOPY a /")
            let error = await #expect(throws: BuildError.self) { try await builder.build(request) }
            #expect(error?.code == "build.base-missing")
            #expect(error?.diagnostics.first?.location.line == 1)
            #expect((error?.cause != nil) == isAsked)
            #expect(error?.message.contains("cannot be pulled") == isAsked)
            let silent = await #expect(throws: BuildError.self) {
                try await builder.build(fixture.request("FROM \(name)\nCOPY a /") { $0.pulling = .never })
            }
            #expect(silent?.code == "build.base-missing")
            #expect(remote.calls.count == (isAsked ? 1 : 0))
        }
    }

    @Test("for two platforms makes an index, each image on the base for it")
    func platforms() async throws {
        try await Self.with { fixture, builder, remote in
            let platforms = [Platform.host, Platform(architecture: "s390x")]
            let folder = fixture.folder.appending("out")
            let archive = fixture.folder.appending("out.tar")
            let outputs = [try BuildOutput(text: "type=local,dest=\(folder)"), try BuildOutput(text: "type=oci,dest=\(archive)"), .push]
            let request = try fixture.request("FROM r.example/base:1\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY a /") {
                $0.platforms = platforms
                $0.tags = ["r.example/app:1"]
                $0.outputs = outputs
            }
            let result = try await builder.build(request)
            let index = try #require(try fixture.store.index(result.root))
            #expect(index.manifests.compactMap(\.platform).map { "\($0)" } == platforms.map { "\($0)" })
            #expect(result.images.map { $0.configuration.config.labels?["arch"] } == platforms.map(\.architecture))
            #expect(try result.images.map { try Self.text($0, fixture.store) } == ["one", "two"])
            #expect(try fixture.store.resolveRoot("r.example/app:1") == result.root)
            #expect(try fixture.store.resolve("r.example/app:1") == result.images[0].digest)
            #expect(remote.calls.last == "push \(result.root) r.example/app:1")
            for (platform, text) in zip(platforms, ["one", "two"]) {
                let name = folder.appending("linux_\(platform.architecture)").appending("name")
                #expect(try String(contentsOfFile: name.string, encoding: .utf8) == text)
            }
            try await BuildFixture.with(base: false) { other in
                let imported = try other.store.importImage(from: archive).image
                #expect(imported.digest == result.images[0].digest)
            }
            // Both in one go are the same as each by itself.
            let alone = try await builder.build(
                fixture.request("FROM r.example/base:1\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY a /") { $0.platforms = [platforms[1]] })
            #expect(alone.image.digest == result.images[1].digest)
        }
    }

    @Test("keeps all images of an index that has a name, and none of one that has not")
    func garbage() async throws {
        try await Self.with { fixture, builder, _ in
            let request = try fixture.request("FROM scratch\nCOPY a /") {
                $0.platforms = [.host, Platform(architecture: "s390x")]
                $0.tags = ["both"]
            }
            let result = try await builder.build(request)
            _ = try fixture.store.collectGarbage(pinned: [])
            for image in result.images { #expect(try fixture.store.image(image.digest).digest == image.digest) }
            #expect(try fixture.store.referrers(of: result.images[1].digest).count == 1)
            try fixture.store.untag("both")
            _ = try fixture.store.collectGarbage(pinned: [])
            #expect(try fixture.store.index(result.root) == nil)
            #expect(try fixture.store.images().isEmpty)
        }
    }

    @Test(
        "says before it builds what it cannot deliver",
        arguments: [["type=docker,dest=x"], ["type=tar,dest=x"], ["type=registry,name=ingot.local/x"], ["type=registry"]])
    func undeliverable(outputs: [String]) async throws {
        try await Self.with { fixture, builder, remote in
            let outputs = try outputs.map { try BuildOutput(text: $0) }
            let request = try fixture.request("FROM r.example/base:1\nRUN false") {
                $0.platforms = [.host, Platform(architecture: "s390x")]
                $0.outputs = outputs
            }
            let error = await #expect(throws: BuildError.self) { try await builder.build(request) }
            #expect(error?.code == "build.invalid-option")
            #expect(remote.calls.isEmpty)
        }
    }

    @Test("leaves its cache in a registry and takes it from there, layer by layer; one that is out of reach costs nothing")
    func cache() async throws {
        try await Self.with { fixture, builder, remote in
            let text = "FROM scratch AS one\nCOPY a /x\nFROM scratch\nCOPY a /a\nCOPY --from=one x /b"
            let target = try CacheLocation(target: "type=registry,ref=r.example/cache,mode=max")
            let first = try await builder.build(fixture.request(text) { $0.cacheTargets = [target] })
            try await BuildFixture.with(base: false) { other in
                try other.write("a", "a")
                let second = ImageBuilder(store: other.store, cacheFolder: other.build, remote: remote, logger: Logger(label: "test"))
                let request = try other.request(text) {
                    $0.cacheSources = [CacheLocation(.registry("unreachable.example/x")), CacheLocation(.registry("r.example/none")), target]
                }
                let result = try await second.build(request)
                #expect(result.image.digest == first.image.digest)
                #expect(result.steps.allSatisfy { $0.outcome == .cached })
                #expect(remote.calls.contains("layer"))
            }
        }
    }
}
