public import IngotModel
internal import SystemPackage

extension ImageStore {
    /// A layer with its blob compressed in one way, by us; compressed anew from another form where it was not yet. The
    /// layer stays the same; the store keeps all forms. Throws `layerMissing`, and `blobChanged` when the form it has is damaged.
    public func layer(diffID: Digest, compressedAs compression: LayerCompression) throws -> Layer {
        try withSharedLock {
            guard let record = try record(of: diffID) else { throw StoreError.layerMissing(diffID) }
            if let blob = record.blob(compression) {
                return Layer(diffID: diffID, blob: blob, mountableSize: record.mountableSize)
            }
            return try note(compress(blobs.open(record.blob.digest), diffID, compression, .trusted), of: record)
        }
    }

    /// Compresses what an archive holds, itself compressed or not, into a blob of the store.
    ///
    /// - Throws: `blobChanged` when it does not hold the layer.
    func compress(_ archive: OpenFile, _ diffID: Digest, _ compression: LayerCompression, _ limits: ArchiveLimits) throws -> Descriptor {
        let file = try TemporaryFile(in: blobs.temporary)
        let stream = try TarStream(to: file, compression)
        try Decompression.run(archive, limits) { try stream.append($0) }
        guard try stream.endAsItIs().diffID == diffID else { throw StoreError.blobChanged(diffID, at: archive.path) }
        let (digest, size) = try stream.finish()
        if try !blobs.holds(digest, size: size) { try file.commit(as: blobs.path(of: digest)) }
        return Descriptor(mediaType: compression.mediaType, digest: digest, size: size)
    }
}

extension ArchiveLimits {
    /// For what the store wrote itself: a layer of zeros is small, and no attack.
    static let trusted = ArchiveLimits(bytes: ByteSize(1 << 60), decompressionRatio: .max)
}
