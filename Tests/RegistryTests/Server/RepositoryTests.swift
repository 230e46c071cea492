import Foundation
import ImageStore
import IngotModel
import NIOHTTP1
import SystemPackage
import Testing

@testable import Registry
@testable import RegistryServer

/// The registry and the store are one.
@Suite("A repository")
struct RepositoryTests {
    private static func name(_ text: String = "shop") throws -> RepositoryName { try #require(RepositoryName(text)) }

    private static func pushed(_ image: Image, from store: ImageStore, to registry: LocalRegistry, _ name: String) async throws {
        let reference = try ImageReference("\(registry.host)/\(name)")
        let options = try registry.options(in: store)
        _ = try await RegistryClient.with(options) { try await $0.push(image.digest, to: reference, from: store) }
    }

    @Test("has the images that were built here under its name, what is said about them, and nothing else of the store")
    func built() async throws {
        try await LocalRegistry.with { registry in
            let store = registry.store
            let image = try addImage(to: store, seed: 1)
            let other = try addImage(to: store, seed: 2)
            try store.tag(image.digest, as: "shop:1.4")
            try store.tag(other.digest, as: "docker.io/library/debian:12")
            let statement = try store.addReferrer(to: image.digest, artifactType: "application/vnd.in-toto+json", content: Array("{}".utf8))
            let blobs = try FileManager.default.contentsOfDirectory(atPath: store.folder.appending("blobs/sha256").string).count

            // Before anything of it was asked for, no blob is readable by who guesses its digest.
            #expect(try await registry.send(.GET, "/v2/shop/blobs/\(image.manifest.config.digest)").status == 404)
            #expect(try await registry.send(.GET, "/v2/shop/manifests/\(image.digest)").status == 200)
            for blob in [image.manifest.config] + image.manifest.layers {
                #expect(try await registry.send(.GET, "/v2/shop/blobs/\(blob.digest)").body.count == blob.size)
                #expect(try await registry.send(.GET, "/v2/elsewhere/blobs/\(blob.digest)").status == 404)
            }
            let list = try await registry.send(.GET, "/v2/shop/referrers/\(image.digest)").json(ImageIndex.self)
            #expect(list.manifests.map(\.digest) == [statement.digest])
            #expect(try await registry.send(.GET, "/v2/shop/manifests/\(statement.digest)").status == 200)
            #expect(try await registry.send(.GET, "/v2/_catalog").text == #"{"repositories":["shop"]}"#)
            for name in ["shop", "elsewhere"] {
                #expect(try await registry.send(.GET, "/v2/\(name)/manifests/\(other.digest)").status == 404)
                #expect(try await registry.send(.GET, "/v2/\(name)/blobs/\(other.manifest.layers[0].digest)").status == 404)
            }
            // Nothing was copied.
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder.appending("blobs/sha256").string).count == blobs)

            try await withStore { puller in
                let options = try registry.options(in: puller)
                let reference = try ImageReference("\(registry.host)/shop:1.4")
                let pulled = try await RegistryClient.with(options) { try await $0.pull(reference, as: nil, into: puller) }
                #expect(pulled.images.map(\.digest) == [image.digest] && pulled.referrers == 1 && pulled.warnings.isEmpty)
            }
            // It goes with its tag.
            try store.untag("shop:1.4")
            try store.untag("docker.io/library/debian:12")
            _ = try store.collectGarbage(pinned: [])
            #expect(try await registry.send(.GET, "/v2/shop/manifests/\(image.digest)").status == 404)
            #expect(!store.contains(image.digest))
        }
    }

    @Test("keeps an index that was built here, with all of its images")
    func index() async throws {
        try await LocalRegistry.with { registry in
            let store = registry.store
            let images = [try addImage(to: store, seed: 3), try addImage(to: store, seed: 4, architecture: "s390x")]
            try store.tag(store.addIndex(of: images), as: "shop:all")
            let reply = try await registry.send(.GET, "/v2/shop/manifests/all")
            #expect(reply.header("content-type") == MediaType.index)
            for image in images { #expect(try await registry.send(.HEAD, "/v2/shop/manifests/\(image.digest)").status == 200) }
        }
    }

    @Test("makes what was pushed an image that can run, by tag and by digest, with what is said about it")
    func takenUp() async throws {
        try await LocalRegistry.with { registry in
            try await withStore { source in
                let image = try addImage(to: source, layers: [60_000, 0, 500])
                try source.addReferrer(to: image.digest, artifactType: "application/vnd.in-toto+json", content: Array("{}".utf8))
                try await Self.pushed(image, from: source, to: registry, "team/shop:1.4")
                let store = registry.store
                #expect(try store.resolve("team/shop:1.4") == nil)
                #expect(try store.takeUp("team/shop:1.5") == nil)
                #expect(try store.takeUp("team/shop:1.4") == image.digest)
                #expect(try store.takeUp("\(image.digest)") == image.digest)
                #expect(try store.resolve("team/shop:1.4") == image.digest)
                #expect(try store.image(image.digest).layers == image.layers)
                #expect(try store.referrers(of: image.digest).count == 1)
                // What was said later is beside it at once.
                let later = try source.addReferrer(to: image.digest, artifactType: "application/vnd.later", content: Array("[]".utf8))
                try await Self.pushed(image, from: source, to: registry, "team/shop:1.4")
                #expect(try store.referrers(of: image.digest).contains { $0.digest == later.digest })
            }
        }
    }

    @Test("says about an image that it does not have what only itself shows, and nothing beside the image")
    func foreign() async throws {
        try await LocalRegistry.with { registry in
            try await withStore { source in
                let store = registry.store
                let own = try addImage(to: store, seed: 11)
                try store.tag(own.digest, as: "shop:1.4")
                let pushed = try addImage(to: source, seed: 12)
                try await Self.pushed(pushed, from: source, to: registry, "team/shop:1.4")
                let config = Array("{}".utf8)
                func say(_ image: Digest, in name: String) async throws -> Digest {
                    try await registry.push(config, to: name)
                    var manifest = ImageManifest(config: descriptor(config, MediaType.empty), layers: [])
                    manifest.artifactType = "application/vnd.test"
                    manifest.subject = Descriptor(mediaType: MediaType.manifest, digest: image, size: 1)
                    let bytes = try document(manifest)
                    #expect(try await registry.put(bytes, name, "\(digest(bytes))").status == 201)
                    return digest(bytes)
                }
                func list(_ name: String, _ image: Digest) async throws -> [Digest] {
                    try await registry.send(.GET, "/v2/\(name)/referrers/\(image)").json(ImageIndex.self).manifests.map(\.digest)
                }
                for (image, name) in [(own, "shop"), (pushed, "team/shop")] {
                    let said = try await say(image.digest, in: "evil/\(name)")
                    #expect(try await list("evil/\(name)", image.digest) == [said])
                    #expect(try store.takeUp("\(name):1.4") == image.digest)
                    #expect(try await list(name, image.digest).isEmpty && store.referrers(of: image.digest).isEmpty, "\(name)")
                    let meant = try await say(image.digest, in: name)
                    #expect(try await list(name, image.digest) == [meant] && store.referrers(of: image.digest).map(\.digest) == [meant], "\(name)")
                }
            }
        }
    }

    @Test("is not changed by an image that another one takes up, whatever its tags reach")
    func untouched() async throws {
        try await LocalRegistry.with { registry in
            try await withStore { source in
                let image = try addImage(to: source, layers: [100])
                try source.addReferrer(to: image.digest, artifactType: "application/vnd.test", content: Array("{}".utf8))
                try await Self.pushed(image, from: source, to: registry, "shop:main")
                let store = registry.store
                #expect(try store.takeUp("shop:main") == image.digest)
                try store.tag(image.digest, as: "other:main")
                #expect(try store.takeUp("shop:main") == image.digest)
                #expect(!FileManager.default.fileExists(atPath: "\(store.folder)/repositories/other"))
                #expect(try store.repository(Self.name("other")).tags() == ["main"])
                #expect(try await registry.send(.GET, "/v2/other/referrers/\(image.digest)").json(ImageIndex.self).manifests.count == 1)
            }
        }
    }

    @Test("takes up no image whose layers are not what it says")
    func lying() async throws {
        try await LocalRegistry.with { registry in
            let config = Array(
                #"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:\#(String(repeating: "ab", count: 32))"]}}"#
                    .utf8)
            for layer in [noise(500, seed: 1), try Data(contentsOf: URL(fileURLWithPath: "/bin/true")).prefix(900).map { $0 }] {
                try await registry.push(config, to: "shop")
                try await registry.push(layer, to: "shop")
                let manifest = ImageManifest(config: descriptor(config, MediaType.configuration), layers: [descriptor(layer, MediaType.layer)])
                #expect(try await registry.put(document(manifest), "shop", "x").status == 201)
                #expect(throws: StoreError.self) { try registry.store.takeUp("shop:x") }
                #expect(try registry.store.resolve("shop:x") == nil)
            }
        }
    }

    @Test("keeps what was pushed while garbage is collected, and lets go of what nobody needs")
    func garbage() async throws {
        try await LocalRegistry.with { registry in
            let store = registry.store
            let repository = try store.repository(Self.name())
            let (config, layer, lone) = (noise(50, seed: 1), noise(5_000, seed: 2), noise(700, seed: 3))
            for blob in [config, layer, lone] { try await registry.push(blob, to: "shop") }
            let manifest = try document(
                ImageManifest(config: descriptor(config, MediaType.configuration), layers: [descriptor(layer, MediaType.layerGzip)]))
            #expect(try await registry.put(manifest, "shop", "\(digest(manifest))").status == 201)
            // Of a lease that has not ended nothing is taken.
            _ = try store.collectGarbage(pinned: [])
            for blob in [config, layer, lone] { #expect(try await registry.send(.HEAD, "/v2/shop/blobs/\(digest(blob))").status == 200) }
            try Self.age(repository, store, [config, layer, lone])
            // Who asks for a blob begins its lease anew.
            #expect(try await registry.send(.HEAD, "/v2/shop/blobs/\(digest(lone))").status == 200)
            _ = try store.collectGarbage(pinned: [])
            #expect(store.contains(digest(lone)))
            try Self.age(repository, store, [lone])
            #expect(try store.collectGarbage(pinned: []).removedBlobs == 1)
            #expect(try await registry.send(.HEAD, "/v2/shop/blobs/\(digest(lone))").status == 404)
            #expect(try await registry.send(.GET, "/v2/shop/manifests/\(digest(manifest))").body == manifest)
            #expect(try await registry.send(.GET, "/v2/shop/blobs/\(digest(layer))").body == layer)
            #expect(try await registry.send(.DELETE, "/v2/shop/manifests/\(digest(manifest))").status == 202)
            _ = try store.collectGarbage(pinned: [])
            #expect(!store.contains(digest(layer)) && !store.contains(digest(manifest)))
        }
    }

    /// As if a blob was last asked for long ago.
    private static func age(_ repository: Repository, _ store: ImageStore, _ blobs: [[UInt8]]) throws {
        for blob in blobs {
            let path = store.folder.appending("repositories/\(repository.name)/blobs/\(digest(blob).hex)").string
            try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1_000)], ofItemAtPath: path)
        }
    }

    @Test("loses nothing to collections that run while many push")
    func concurrent() async throws {
        try await LocalRegistry.with { registry in
            try await withStore { source in
                let images = try (0..<8).map { try addImage(to: source, layers: [40_000, 900], seed: UInt64($0)) }
                let collected = Synchronized(0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let collecting = Task.detached {
                        while !Task.isCancelled {
                            if (try? registry.store.collectGarbage(pinned: [])) != nil { collected.change { $0 += 1 } }
                            // Collecting without a pause would leave nobody else a moment.
                            _ = try? await registry.send(.GET, "/v2/_catalog")
                        }
                    }
                    for (number, image) in images.enumerated() {
                        group.addTask { try await Self.pushed(image, from: source, to: registry, "shop\(number % 3):t\(number)") }
                    }
                    try await group.waitForAll()
                    #expect(try await eventually { collected.change { $0 } > 0 })
                    collecting.cancel()
                    await collecting.value
                }
                for (number, image) in images.enumerated() {
                    #expect(try registry.store.takeUp("shop\(number % 3):t\(number)") == image.digest)
                }
            }
        }
    }

    @Test("has the same after the daemon ended and began again")
    func restart() async throws {
        try await withStore { store in
            let blob = noise(100, seed: 1)
            let manifest = try document(ImageManifest(config: descriptor(blob, MediaType.configuration), layers: []))
            try await LocalRegistry.with(store) { registry in
                try await registry.push(blob, to: "shop")
                #expect(try await registry.put(manifest, "shop", "main").status == 201)
            }
            try await LocalRegistry.with(store) { registry async throws in
                #expect(try await registry.send(.GET, "/v2/shop/manifests/main").body == manifest)
                #expect(try await registry.send(.GET, "/v2/shop/blobs/\(digest(blob))").body == blob)
            }
        }
    }

    @Test("goes on where a push was cut, with the rest of the blob alone")
    func pushResumed() async throws {
        try await LocalRegistry.with { registry in
            try await withStore { source in
                let (size, cut) = (4 << 20, 1 << 20)
                let image = try addImage(to: source, layers: [size])
                // The registry says how much it has as soon as it knows that the connection ended.
                let whileCut: @Sendable (String) async throws -> Void = { address async throws in
                    #expect(try await eventually { try await registry.send(.GET, address).status == 204 })
                }
                try await CuttingProxy.with(target: registry.port, most: cut, whileCut: whileCut) { proxy, port in
                    let reference = try ImageReference("127.0.0.1:\(port)/shop:main")
                    var options = impatient { $0.transfers = 1 }
                    options.configurationFile = try configurationFile([reference.host: (user: "any", password: registry.secret)], in: source.root)
                    let pushed = try await RegistryClient.with(options) { try await $0.push(image.digest, to: reference, from: source) }
                    #expect(pushed.digest == image.digest && proxy.isCut)
                    // Whoever began again would have sent all that came before the cut twice.
                    #expect((size..<size + cut / 2).contains(proxy.sent), "\(proxy.sent)")
                }
                #expect(try registry.store.takeUp("shop:main") == image.digest)
            }
        }
    }

    @Test("goes on where a pull was cut")
    func resumed() async throws {
        try await LocalRegistry.with { registry in
            let bytes = noise(3 << 20, seed: 6)
            let blob = try await registry.push(bytes, to: "shop")
            try await withStore { store in
                let reference = try ImageReference("\(registry.host)/shop:x")
                let incoming = try store.incoming(Descriptor(mediaType: MediaType.bytes, digest: blob, size: bytes.count))
                // What came before a cut.
                try bytes.prefix(1 << 20).withUnsafeBytes { try incoming.append($0) }
                try await RegistryClient.with(registry.options(in: store)) { client in
                    let came = Synchronized(0)
                    try await client.repository(reference).download(incoming) { count in came.change { $0 += count } }
                    #expect(came.change { $0 } == 2 << 20)
                }
                try store.keep(incoming)
                #expect(store.contains(blob))
            }
        }
    }
}
