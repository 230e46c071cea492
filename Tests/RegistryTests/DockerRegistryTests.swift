import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import Registry

/// Against a registry and a tool that others wrote.
@Suite("With docker-registry", .enabled(if: DockerRegistry.isInstalled, DockerRegistry.missing))
struct DockerRegistryTests {
    private static func options(_ store: ImageStore, password: String? = nil, host: String = "") throws -> RegistryOptions {
        var options = RegistryOptions()
        options.memoryFolder = store.root.appending("memory")
        if let password { options.configurationFile = try configurationFile([host: ("user", password)], in: store.root) }
        return options
    }

    private static func push(_ digest: Digest, _ name: String, _ store: ImageStore, _ options: RegistryOptions? = nil) async throws -> PushedImage {
        let reference = try ImageReference(name)
        return try await RegistryClient.with(options ?? Self.options(store)) { try await $0.push(digest, to: reference, from: store) }
    }

    private static func pull(
        _ name: String, _ store: ImageStore, _ options: RegistryOptions? = nil, platforms: [Descriptor.Platform] = [.host]
    ) async throws -> PulledImage {
        let reference = try ImageReference(name)
        return try await RegistryClient.with(options ?? Self.options(store)) {
            try await $0.pull(reference, platforms: platforms, as: "\(reference)", into: store)
        }
    }

    @Test("an image and what is said about it go there and come back the same, and skopeo copies it")
    func roundTrip() async throws {
        try await DockerRegistry.with { registry in
            try await withStore { store in
                let image = try addImage(to: store, layers: [3_000_000, 500, 0])
                try store.addReferrer(to: image.digest, artifactType: "application/vnd.in-toto+json", content: Array("{}".utf8))
                let pushed = try await Self.push(image.digest, "\(registry.host)/team/app:1.2", store)
                #expect(pushed.digest == image.digest)
                #expect(pushed.referrers == 1)
                try await withStore { other in
                    let pulled = try await Self.pull("\(registry.host)/team/app:1.2", other)
                    #expect(pulled.images.map(\.digest) == [image.digest])
                    #expect(pulled.images[0].layers == image.layers)
                    #expect(pulled.referrers == 1)
                    #expect(pulled.warnings.isEmpty)
                    #expect(try other.referrers(of: image.digest).map(\.artifactType) == ["application/vnd.in-toto+json"])
                    // The store that pulled can push it on.
                    let again = try await Self.push(image.digest, "\(registry.host)/elsewhere:2", other)
                    #expect(again.count.mounted == 5 && again.count.transferred == 0)
                }
                let folder = store.root.appending("copy")
                try await DockerRegistry.skopeo("copy", "--src-tls-verify=false", "docker://\(registry.host)/team/app:1.2", "dir:\(folder)")
                let manifest = try Array(Data(contentsOf: URL(fileURLWithPath: folder.appending("manifest.json").string)))
                #expect(DocumentDigest.of(manifest) == image.digest)
            }
        }
    }

    @Test("an image that skopeo pushed comes here, however its layers are compressed", arguments: ["gzip", "zstd"])
    func pushedByOthers(compression: String) async throws {
        try await DockerRegistry.with { registry in
            try await withStore { store in
                let image = try addImage(to: store, layers: [300_000, 500])
                let layout = store.root.appending("layout")
                try store.exportOCI(image.digest, to: layout, tag: "x")
                try await DockerRegistry.skopeo(
                    "copy", "--dest-tls-verify=false", "--dest-compress-format", compression, "oci:\(layout):x",
                    "docker://\(registry.host)/app:\(compression)")
                try await DockerRegistry.skopeo(
                    "copy", "--dest-tls-verify=false", "--format", "v2s2", "oci:\(layout):x", "docker://\(registry.host)/app:docker")
                try await withStore { other in
                    for tag in [compression, "docker"] {
                        let pulled = try await Self.pull("\(registry.host)/app:\(tag)", other)
                        #expect(pulled.images[0].layers.map(\.diffID) == image.layers.map(\.diffID))
                        #expect(try other.resolve("\(registry.host)/app:\(tag)") == pulled.root)
                    }
                }
            }
        }
    }

    @Test("credentials are asked for, right or wrong")
    func passwords() async throws {
        try await DockerRegistry.with(hasPassword: true) { registry in
            try await withStore { store in
                let image = try addImage(to: store, layers: [100_000, 500])
                let name = "\(registry.host)/team/app:1"
                for password in [nil, "wrong"] {
                    let error = await #expect(throws: RegistryError.self) {
                        try await Self.push(image.digest, name, store, Self.options(store, password: password, host: registry.host))
                    }
                    #expect(error?.reason == .unauthorized)
                }
                let options = try Self.options(store, password: "pass", host: registry.host)
                #expect(try await Self.push(image.digest, name, store, options).digest == image.digest)
                try await withStore { other in
                    let pulled = try await Self.pull(name, other, options)
                    #expect(pulled.images.map(\.digest) == [image.digest])
                }
            }
        }
    }

    @Test("an index keeps its digest, with one image or all, and skopeo sees it")
    func indexes() async throws {
        try await DockerRegistry.with { registry in
            try await withStore { store in
                let own = try addImage(to: store, layers: [2_000], seed: 3)
                let foreign = try addImage(to: store, layers: [2_000], seed: 4, architecture: "s390x")
                let index = try store.addIndex(of: [own, foreign])
                let name = "\(registry.host)/app:all"
                #expect(try await Self.push(index, name, store).digest == index)
                let raw = try await DockerRegistry.skopeo("inspect", "--tls-verify=false", "--raw", "docker://\(name)")
                #expect(raw.contains("s390x") && raw.contains(own.digest.hex))
                try await withStore { other in
                    let pulled = try await Self.pull(name, other)
                    #expect(pulled.root == index)
                    #expect(pulled.images.map(\.digest) == [own.digest])
                    #expect(try other.resolveRoot(name) == index)
                    #expect(try other.resolve(name) == own.digest)
                    #expect(try other.images().map(\.tags) == [[name]])
                    // Half an index is not pushed; the rest comes when it is asked for.
                    let error = await #expect(throws: RegistryError.self) { try await Self.push(index, "\(registry.host)/half:1", other) }
                    #expect(error?.reason == .incomplete)
                    let second = Descriptor.Platform(architecture: "s390x", os: "linux")
                    #expect(try await Self.pull(name, other, platforms: [.host, second]).images.map(\.digest) == [own.digest, foreign.digest])
                    #expect(try await Self.push(index, "\(registry.host)/half:1", other).digest == index)
                    let missing = await #expect(throws: RegistryError.self) {
                        try await Self.pull(name, other, platforms: [.init(architecture: "riscv64", os: "linux")])
                    }
                    #expect(missing?.reason == .platformMissing)
                    #expect(missing?.remedy?.contains("linux/s390x") == true)
                }
            }
        }
    }

    @Test("layers and a document about them go there and come back one by one")
    func collections() async throws {
        try await DockerRegistry.with { registry in
            try await withStore { store in
                let image = try addImage(to: store, layers: [50_000, 700])
                let reference = try ImageReference("\(registry.host)/cache:main")
                let document = try store.collectionDocument(image.layers, document: Array("{\"a\":1}".utf8), type: "application/vnd.test+json")
                try await RegistryClient.with(Self.options(store)) { try await $0.push(document: document, to: reference, from: store) }
                try await withStore { other in
                    try await RegistryClient.with(Self.options(other)) { client in
                        let found = try #require(try await client.collection(reference, type: "application/vnd.test+json"))
                        #expect(found.document == Array("{\"a\":1}".utf8))
                        #expect(Set(found.blobs.keys) == Set(image.layers.map(\.diffID)))
                        let layer = image.layers[1]
                        let blob = try #require(found.blobs[layer.diffID])
                        #expect(try await client.layer(blob, diffID: layer.diffID, of: reference, into: other) == layer)
                        #expect(try other.layer(diffID: image.layers[0].diffID) == nil)
                        #expect(try await client.collection(reference.with(tag: "none"), type: "application/vnd.test+json") == nil)
                        await #expect(throws: RegistryError.self) { try await client.collection(reference, type: "application/vnd.other") }
                    }
                }
            }
        }
    }
}
