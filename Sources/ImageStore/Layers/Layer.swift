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
    /// The digest of the EROFS file, against which it is rehashed.
    var erofsDigest: Digest

    var layer: Layer { Layer(diffID: diffID, blob: blob, mountableSize: mountableSize) }
}
