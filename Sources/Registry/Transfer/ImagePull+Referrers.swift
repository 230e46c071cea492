internal import FoundationEssentials
internal import ImageStore
internal import IngotModel

/// What is said about an image, beside it.
extension ImagePull {
    /// Takes the documents about an image, within limits. Those of other forms are left where they are.
    ///
    /// - Returns: how many came, and what did not.
    func referrers(of image: Digest) async throws -> (count: Int, warnings: [String]) {
        let list = try await repository.referrers(of: image)
        let found = list.documents.filter { MediaType.manifests.contains($0.mediaType) }
        let limits = repository.limits
        var room = limits.referrerBytes.bytes
        var taken = 0
        for descriptor in found.prefix(limits.referrers) {
            let document = try await repository.manifest("\(descriptor.digest)")
            guard let manifest = try? JSONDecoder().decode(ImageManifest.self, from: Data(document.bytes)), manifest.subject?.digest == image else {
                continue
            }
            let parts = try await parts([manifest.config] + manifest.layers, room: &room)
            try store.addReferrer(to: image, manifest: document.bytes, mediaType: document.descriptor.mediaType, parts: parts)
            memory?.add(([manifest.config] + manifest.layers).map(\.digest), of: repository.repository)
            taken += 1
        }
        let warnings = Self.leftOut(listed: found.count, isWhole: list.isWhole, most: limits.referrers, of: image)
        return (try await taken + signatures(of: image, room: &room), warnings)
    }

    /// What is said of documents that were not taken: what is signed may be among them. Pure.
    static func leftOut(listed: Int, isWhole: Bool, most: Int, of image: Digest) -> [String] {
        guard listed > most || !isWhole else { return [] }
        let number = "\(isWhole ? "" : "more than ")\(listed)"
        return ["of \(number) documents about \(image.short) the first \(min(listed, most)) came: a signature among the others does not count here"]
    }

    /// Takes signatures that are found by their tag alone, as a document that names the image. Too many are refused before any is fetched.
    private func signatures(of image: Digest, room: inout Int) async throws -> Int {
        guard let found = try await repository.signatures(of: image) else { return 0 }
        let layers = RemoteRepository.added(found.layers, to: [])
        guard layers.count <= repository.limits.signatures else {
            throw RegistryError.tooLarge(RemoteRepository.signatureTag(of: image), limit: "\(repository.limits.signatures) signatures")
        }
        let kept = try Self.referrer(layers, to: store.document(image).descriptor)
        let parts = try await [Array("{}".utf8)] + parts(kept.layers, room: &room)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try store.addReferrer(to: image, manifest: Array(encoder.encode(kept)), mediaType: MediaType.manifest, parts: parts)
        return 1
    }

    private static func referrer(_ signatures: [Descriptor], to image: Descriptor) -> ImageManifest {
        let empty = Array("{}".utf8)
        let config = Descriptor(mediaType: MediaType.empty, digest: DocumentDigest.of(empty), size: empty.count)
        var manifest = ImageManifest(config: config, layers: signatures)
        manifest.artifactType = RemoteRepository.signatureType
        manifest.subject = image
        return manifest
    }

    private func parts(_ descriptors: [Descriptor], room: inout Int) async throws -> [[UInt8]] {
        var parts: [[UInt8]] = []
        for descriptor in descriptors {
            let bytes = try await repository.document(descriptor, limit: ByteSize(room))
            room -= bytes.count
            parts.append(bytes)
        }
        return parts
    }
}
