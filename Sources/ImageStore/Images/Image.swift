public import IngotModel

/// An image of the store: its manifest's digest is its name.
public struct Image: Hashable, Sendable {
    public var digest: Digest
    public var manifest: ImageManifest
    public var configuration: ImageConfiguration
    /// Lowest first.
    public var layers: [Layer]

    public init(digest: Digest, manifest: ImageManifest, configuration: ImageConfiguration, layers: [Layer]) {
        self.digest = digest
        self.manifest = manifest
        self.configuration = configuration
        self.layers = layers
    }

    /// The sum of the layers as they are mounted.
    public var size: ByteSize { layers.reduce(0) { $0 + $1.mountableSize } }

    /// The full commit the image was built from, by the label `org.opencontainers.image.revision`.
    public var revision: String? { configuration.config.labels?[Self.revisionLabel] }
    public static let revisionLabel = "org.opencontainers.image.revision"

    /// Whether it was built from a tree with changes that no commit holds.
    public var isDirty: Bool { configuration.config.labels?[Self.dirtyLabel] == "true" }
    public static let dirtyLabel = "dev.ingot.dirty"
}

/// An image as it stands in a list. Sizes are of the layers as they are mounted.
public struct ImageSummary: Hashable, Sendable, Codable {
    public var digest: Digest
    public var tags: [String]
    /// RFC 3339, as the image has it.
    public var created: String?
    public var revision: String?
    public var totalSize: ByteSize
    /// What would be free if only this image went.
    public var ownSize: ByteSize
    /// What other images use too.
    public var sharedSize: ByteSize
}
