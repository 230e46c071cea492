public import IngotModel

/// A layer of an image, in its two forms: the blob that registries see and the EROFS image that is mounted.
public struct Layer: Hashable, Sendable, Codable {
    /// The digest of the uncompressed archive: the layer's identity.
    public var diffID: Digest
    public var blob: Descriptor
    /// The length of the EROFS image.
    public var mountableSize: ByteSize

    public init(diffID: Digest, blob: Descriptor, mountableSize: ByteSize) {
        self.diffID = diffID
        self.blob = blob
        self.mountableSize = mountableSize
    }
}

/// What the store remembers of a layer, in `layers/<hex>.json`.
struct LayerRecord: Codable {
    var diffID: Digest
    var blob: Descriptor
    var mountableSize: ByteSize
    /// The digest of the EROFS file, against which it is rehashed; the UUID, which is made from it, is left out: see `ErofsFormat`.
    var erofsDigest: Digest
    /// The same archive, compressed in other ways.
    var otherBlobs: [Descriptor]?
    /// Those that others compressed: their bytes are not the ones that we would write.
    var foreignBlobs: [Digest]?

    var blobs: [Descriptor] {
        get { [blob] + (otherBlobs ?? []) }
        set {
            guard let first = newValue.first else { return }
            blob = first
            otherBlobs = newValue.count > 1 ? Array(newValue.dropFirst()) : nil
        }
    }

    /// Notes one more form. `false` when nothing changed.
    mutating func add(_ form: Descriptor, isForeign: Bool) -> Bool {
        guard let known = blobs.firstIndex(where: { $0.digest == form.digest }) else {
            blobs.append(form)
            if isForeign { foreignBlobs = (foreignBlobs ?? []) + [form.digest] }
            return true
        }
        // What we would have written ourselves is ours, whoever brought it.
        guard !isForeign, foreignBlobs?.contains(form.digest) == true else { return false }
        foreignBlobs?.removeAll { $0 == form.digest }
        blobs[known] = form
        return true
    }

    /// Our own form in one compression, so that an image's digest does not depend on what else is in the store.
    func blob(_ compression: LayerCompression) -> Descriptor? {
        blobs.first { $0.mediaType == compression.mediaType && foreignBlobs?.contains($0.digest) != true }
    }

    var layer: Layer { Layer(diffID: diffID, blob: blob, mountableSize: mountableSize) }
}
