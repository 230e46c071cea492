import ImageStore
import IngotModel
import NIOHTTP1
import Testing

@testable import Registry

/// Nothing takes a signed document away, and whoever finds too many refuses all of them: so one more must not come in.
@Suite("An image of which all is signed that may be")
struct SignedLimitTests {
    /// A manifest with signatures in cosign's older form, which are all over the same two bytes.
    private static func signatures(_ numbers: Range<Int>, of image: Descriptor) throws -> [UInt8] {
        let layers = numbers.map { number in
            var layer = descriptor(Array("{}".utf8), "application/vnd.dev.cosign.simplesigning.v1+json")
            layer.annotations = [SignedLayer.annotation: "\(number)"]
            return layer
        }
        var manifest = ImageManifest(config: descriptor(Array("{}".utf8), MediaType.empty), layers: layers)
        manifest.artifactType = SignedLayer.signatureType
        manifest.subject = image
        return try document(manifest)
    }

    private static func sign(_ image: Digest, _ numbers: Range<Int>, in store: ImageStore) throws {
        let manifest = try signatures(numbers, of: store.document(image).descriptor)
        let parts = [[UInt8]](repeating: Array("{}".utf8), count: numbers.count + 1)
        try store.addReferrer(to: image, manifest: manifest, mediaType: MediaType.manifest, parts: parts)
    }

    @Test("takes none more by a push")
    func push() async throws {
        try await LocalRegistry.with { registry in
            let image = try addImage(to: registry.store).digest
            try registry.store.tag(image, as: "shop:main")
            try Self.sign(image, 0..<SignedLimit.documents, in: registry.store)
            let before = try registry.store.referrers(of: image)
            try await registry.push(Array("{}".utf8), to: "shop")
            let more = try Self.signatures(1_000..<1_001, of: registry.store.document(image).descriptor)
            let reply = try await registry.put(more, "shop", "\(digest(more))")
            #expect(reply.status == 409 && reply.code == "DENIED" && reply.text.contains("128 documents"), "\(reply.text)")
            #expect(try await registry.send(.GET, "/v2/shop/manifests/\(digest(more))").status == 404)
            #expect(try registry.store.referrers(of: image) == before)
        }
    }

    @Test("takes none more with a pull, which says so")
    func pull() async throws {
        try await LocalRegistry.with { registry in
            let image = try addImage(to: registry.store)
            try registry.store.tag(image.digest, as: "shop:main")
            try Self.sign(image.digest, 1_000..<1_001, in: registry.store)
            try await withStore { store in
                _ = try addImage(to: store)
                try Self.sign(image.digest, 0..<SignedLimit.documents, in: store)
                let reference = try ImageReference("\(registry.host)/shop:main")
                let pulled = try await RegistryClient.with(registry.options(in: store)) { try await $0.pull(reference, as: nil, into: store) }
                #expect(pulled.images.map(\.digest) == [image.digest])
                #expect(pulled.warnings.count == 1 && pulled.warnings[0].contains("128 documents"), "\(pulled.warnings)")
                #expect(try store.referrers(of: image.digest).count == 1)
            }
        }
    }

    @Test("is not taken up when more was pushed before, until some of it is deleted")
    func takenUp() async throws {
        try await LocalRegistry.with { registry in
            try await withStore { source in
                let image = try addImage(to: source)
                try Self.sign(image.digest, 0..<SignedLimit.documents, in: source)
                let reference = try ImageReference("\(registry.host)/shop:main")
                _ = try await RegistryClient.with(registry.options(in: source)) { try await $0.push(image.digest, to: reference, from: source) }
                let more = try Self.signatures(1_000..<1_001, of: source.document(image.digest).descriptor)
                #expect(try await registry.put(more, "shop", "\(digest(more))").status == 201)
                let error = #expect(throws: StoreError.self) { try registry.store.takeUp("shop:main") }
                #expect(error?.reason == .tooManySigned)
                #expect(try registry.store.resolve("\(image.digest)") == nil)
                #expect(try await registry.send(.DELETE, "/v2/shop/manifests/\(digest(more))").status == 202)
                _ = try registry.store.collectGarbage(pinned: [])
                #expect(try registry.store.takeUp("shop:main") == image.digest)
            }
        }
    }
}
