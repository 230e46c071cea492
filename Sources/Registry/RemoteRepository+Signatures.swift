internal import FoundationEssentials
internal import ImageStore
internal import IngotModel

/// Signatures of cosign 2: it finds them by a tag made of the image's digest, and by nothing else. All of an image's are layers of one manifest.
///
/// Source: sigstore/cosign, `specs/SIGNATURE_SPEC.md`, "Tag-based object discovery".
extension RemoteRepository {
    /// Of a manifest that holds such signatures.
    static let signatureType = SignedLayer.signatureType

    static func signatureTag(of image: Digest) -> String { "\(tag(of: image)).sig" }

    /// Makes the signatures among documents that were pushed found by their tag, beside those that are there.
    func tagSignatures(in documents: [StoredDocument], of image: Digest) async throws {
        let manifests = documents.filter { $0.artifactType == Self.signatureType && $0.subject?.digest == image }
            .compactMap { try? JSONDecoder().decode(ImageManifest.self, from: Data($0.bytes)) }
        guard let first = manifests.first else { return }
        var tagged = try await signatures(of: image) ?? ImageManifest(config: first.config, layers: [])
        let new = Self.added(manifests.flatMap(\.layers), to: tagged.layers)
        guard !new.isEmpty else { return }
        tagged.layers += new
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try Array(encoder.encode(tagged))
        let descriptor = Descriptor(mediaType: tagged.mediaType ?? MediaType.manifest, digest: DocumentDigest.of(bytes), size: bytes.count)
        try await put(StoredDocument(descriptor: descriptor, bytes: bytes, manifests: [], blobs: []), as: Self.signatureTag(of: image))
    }

    /// Those that are not there yet, once each, in their order: the same signature may stand in several documents. Pure.
    static func added(_ layers: [Descriptor], to tagged: [Descriptor]) -> [Descriptor] {
        var seen = Set(tagged)
        return layers.filter { seen.insert($0).inserted }
    }

    /// `nil` when the tag is not there. It names no subject: whoever takes them holds them against the image.
    func signatures(of image: Digest) async throws -> ImageManifest? {
        let tag = Self.signatureTag(of: image)
        do {
            let document = try await manifest(tag)
            guard MediaType.manifests.contains(document.descriptor.mediaType),
                let manifest = try? JSONDecoder().decode(ImageManifest.self, from: Data(document.bytes))
            else { throw RegistryError.contentWrong(tag, "what stands there is no manifest of signatures") }
            return manifest
        } catch let error as RegistryError where error.reason == .notFound {
            return nil
        }
    }
}
