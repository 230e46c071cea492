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
    /// The images of an index, which itself has the configuration of the first and no layers.
    var parts: [ExportedImage] = []

    /// Each once, in the order of digests.
    var blobs: [Descriptor] {
        var seen: Set<Digest> = []
        return ([configuration] + layers + parts.flatMap(\.blobs)).filter { seen.insert($0.digest).inserted }.sorted { $0.digest < $1.digest }
    }

    /// The manifests, its own the last.
    var documents: [(digest: Digest, bytes: [UInt8])] { parts.map { ($0.descriptor.digest, $0.manifest) } + [(descriptor.digest, manifest)] }
}

extension ImageStore {
    /// The image as it is, or with its layers compressed in one way: then its manifest, and so its digest, are others.
    func exported(_ digest: Digest, _ compression: LayerCompression?) throws -> ExportedImage {
        if let index = try index(digest) { return try exported(digest, index, compression) }
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

    /// An index with all of its images. Throws `imageInvalid` when one of them is not here.
    private func exported(_ digest: Digest, _ index: ImageIndex, _ compression: LayerCompression?) throws -> ExportedImage {
        var changed = index
        var parts: [ExportedImage] = []
        for (place, manifest) in index.manifests.enumerated() {
            guard Files.exists(imagePath(manifest.digest)) else { throw StoreError.incompleteIndex(digest, manifest) }
            let part = try exported(manifest.digest, compression)
            parts.append(part)
            (changed.manifests[place].digest, changed.manifests[place].size) = (part.descriptor.digest, part.descriptor.size)
            changed.manifests[place].mediaType = part.descriptor.mediaType
        }
        guard let first = parts.first else { throw StoreError.imageInvalid("\(digest) is an index of no images") }
        let bytes = changed == index ? try blobs.read(digest, limit: Self.documentLimit) : try CanonicalJSON.encode(changed)
        let descriptor = Descriptor(mediaType: index.mediaType ?? MediaType.index, digest: ContentHash.digest(of: bytes), size: bytes.count)
        return ExportedImage(manifest: bytes, descriptor: descriptor, configuration: first.configuration, layers: [], parts: parts)
    }
}
