import Foundation
import ImageStore
import IngotModel
import Testing

@testable import Registry

/// cosign 2 finds signatures by a tag, so a push must keep that tag and a pull must look there.
@Suite("Signatures that are found by their tag", .enabled(if: DockerRegistry.isInstalled, DockerRegistry.missing))
struct SignatureTagTests {
    /// A signature that says nothing: the registry does not read it.
    private static func sign(_ image: Digest, _ content: String, in store: ImageStore) throws {
        let config = try store.writeBlob(Array("{}".utf8), mediaType: MediaType.empty)
        var layer = try store.writeBlob(Array(content.utf8), mediaType: "application/vnd.dev.cosign.simplesigning.v1+json")
        layer.annotations = ["dev.cosignproject.cosign/signature": content]
        var manifest = ImageManifest(config: config, layers: [layer])
        manifest.artifactType = RemoteRepository.signatureType
        manifest.subject = try store.document(image).descriptor
        let bytes = try Array(JSONEncoder().encode(manifest))
        try store.addReferrer(to: image, manifest: bytes, mediaType: MediaType.manifest, parts: [Array("{}".utf8), Array(content.utf8)])
    }

    private static func signatures(_ client: RegistryClient, _ reference: ImageReference, _ image: Digest) async throws -> [String] {
        let manifest = try await client.repository(reference).signatures(of: image)
        return (manifest?.layers ?? []).compactMap { $0.annotations?["dev.cosignproject.cosign/signature"] }
    }

    /// With room for one signature, the image comes and its signatures do not.
    private static func isRefused(_ reference: ImageReference) async throws {
        try await withStore { store in
            try await RegistryClient.with(impatient { $0.signatures = 1 }) { client in
                let pulled = try await client.pull(reference, as: nil, into: store)
                #expect(pulled.warnings.count == 1 && pulled.warnings.first?.contains("1 signatures") == true, "\(pulled.warnings)")
            }
        }
    }

    @Test("are pushed beside those that are there, once each, and pulled again") func tags() async throws {
        try await DockerRegistry.with { registry in
            try await withStore { store in
                let image = try addImage(to: store, layers: [500]).digest
                let reference = try ImageReference("\(registry.host)/app:1")
                try await RegistryClient.with(RegistryOptions()) { client in
                    _ = try await client.push(image, to: reference, from: store)
                    #expect(try await client.repository(reference).signatures(of: image) == nil)
                    try Self.sign(image, "one", in: store)
                    for _ in 0..<2 { _ = try await client.push(image, to: reference, from: store) }
                    #expect(try await Self.signatures(client, reference, image) == ["one"])
                    try Self.sign(image, "two", in: store)
                    _ = try await client.push(image, to: reference, from: store)
                    #expect(try await Self.signatures(client, reference, image) == ["one", "two"])
                    try await Self.isRefused(reference)
                    try await withStore { other in
                        let pulled = try await client.pull(reference, as: nil, into: other)
                        #expect(pulled.warnings.isEmpty)
                        let found = try other.referrers(of: image).filter { $0.artifactType == RemoteRepository.signatureType }
                        #expect(Set(found.flatMap(\.manifest.layers).compactMap { $0.annotations?.values.first }) == ["one", "two"])
                        // What was found by the tag alone goes on to another registry's tag.
                        let elsewhere = try ImageReference("\(registry.host)/elsewhere:1")
                        _ = try await client.push(image, to: elsewhere, from: other)
                        #expect(try await Self.signatures(client, elsewhere, image).sorted() == ["one", "two"])
                    }
                }
            }
        }
    }
}

@Suite("Signatures under one tag")
struct TaggedSignatureTests {
    private static func layer(_ number: UInt8, _ signature: String = "a") -> Descriptor {
        var layer = Descriptor(mediaType: MediaType.bytes, digest: Digest(bytes: [UInt8](repeating: number, count: 32)), size: 1)
        layer.annotations = ["dev.cosignproject.cosign/signature": signature]
        return layer
    }

    @Test("come once each, however many documents hold them") func once() {
        let (one, two, other) = (Self.layer(1), Self.layer(2), Self.layer(2, "b"))
        #expect(RemoteRepository.added([two, one, two, other, one], to: [one]) == [two, other])
        #expect(RemoteRepository.added([one, one], to: []) == [one])
        #expect(RemoteRepository.added([one], to: [one]).isEmpty)
    }
}
