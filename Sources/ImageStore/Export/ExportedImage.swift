internal import IngotModel

/// An image as it leaves the store: its manifest, and the blobs that the manifest names.
struct ExportedImage {
    var manifest: [UInt8]
    var descriptor: Descriptor
    var configuration: Descriptor
    /// Lowest first.
    var layers: [Descriptor]
    /// Whether it goes to the same place again and again, so that blobs that are there already stay as they are.
    var isCollection = false

    /// Each once, in the order of digests.
    var blobs: [Descriptor] {
        var seen: Set<Digest> = []
        return ([configuration] + layers).filter { seen.insert($0.digest).inserted }.sorted { $0.digest < $1.digest }
    }
}

extension ImageStore {
    /// The image as it is, or with its layers compressed in one way: then its manifest, and so its digest, are others.
    func exported(_ digest: Digest, _ compression: LayerCompression?) throws -> ExportedImage {
        let (manifest, configuration) = try documents(of: digest)
        let type = manifest.mediaType ?? MediaType.manifest
        let same = compression.map { compression in manifest.layers.allSatisfy { compression.fits($0.mediaType) } } ?? true
        guard let compression, !same else {
            let bytes = try blobs.read(digest, limit: Self.documentLimit)
            return ExportedImage(
                manifest: bytes, descriptor: Descriptor(mediaType: type, digest: digest, size: bytes.count),
                configuration: manifest.config, layers: manifest.layers)
        }
        var changed = manifest
        changed.mediaType = MediaType.manifest
        changed.config.mediaType = MediaType.configuration
        changed.layers = try configuration.rootfs.diffIDs.map { try layer(diffID: $0, compressedAs: compression).blob }
        let bytes = try CanonicalJSON.encode(changed)
        let descriptor = Descriptor(mediaType: MediaType.manifest, digest: ContentHash.digest(of: bytes), size: bytes.count)
        return ExportedImage(manifest: bytes, descriptor: descriptor, configuration: changed.config, layers: changed.layers)
    }
}
