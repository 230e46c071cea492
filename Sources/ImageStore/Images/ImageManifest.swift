/// What an image consists of. Source: OCI Image Specification 1.1, Image Manifest.
public struct ImageManifest: Hashable, Sendable, Codable {
    public var schemaVersion = 2
    public var mediaType: String?
    public var artifactType: String?
    public var config: Descriptor
    /// Lowest first.
    public var layers: [Descriptor]
    public var subject: Descriptor?
    public var annotations: [String: String]?

    public init(config: Descriptor, layers: [Descriptor], annotations: [String: String] = [:]) {
        mediaType = MediaType.manifest
        self.config = config
        self.layers = layers
        self.annotations = annotations.isEmpty ? nil : annotations
    }
}

/// A list of manifests. Source: OCI Image Specification 1.1, Image Index.
public struct ImageIndex: Hashable, Sendable, Codable {
    public var schemaVersion = 2
    public var mediaType: String?
    public var manifests: [Descriptor]

    public init(manifests: [Descriptor]) {
        mediaType = MediaType.index
        self.manifests = manifests
    }

    /// The annotation that names a manifest of a layout.
    public static let nameAnnotation = "org.opencontainers.image.ref.name"
    /// Where Docker and containerd look for the whole name.
    static let engineNameAnnotation = "io.containerd.image.name"
}
