public import IngotModel

/// What a blob is, by what it holds: media type, digest and size.
///
/// Source: OCI Image Specification 1.1, Content Descriptors.
public struct Descriptor: Hashable, Sendable, Codable {
    public var mediaType: String
    public var digest: Digest
    /// In bytes.
    public var size: Int
    public var annotations: [String: String]?
    public var platform: Platform?
    /// Of a document about an image, in a list of such.
    public var artifactType: String?

    public init(mediaType: String, digest: Digest, size: Int, annotations: [String: String]? = nil, platform: Platform? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
        self.platform = platform
    }

    /// Where an image of an index runs.
    public struct Platform: Hashable, Sendable, Codable {
        public var architecture: String
        public var os: String
        public var variant: String?
        public init(architecture: String, os: String, variant: String? = nil) {
            self.architecture = architecture
            self.os = os
            self.variant = variant
        }

        /// This machine's.
        public static var host: Platform { Platform(architecture: ImageConfiguration.hostArchitecture, os: "linux") }
    }
}

/// The media types that the store writes, and those it reads.
///
/// Source: OCI Image Specification 1.1, Media Types; Docker Image Manifest Version 2, Schema 2.
public enum MediaType {
    public static let manifest = "application/vnd.oci.image.manifest.v1+json"
    public static let index = "application/vnd.oci.image.index.v1+json"
    public static let configuration = "application/vnd.oci.image.config.v1+json"
    public static let layerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    public static let layerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"
    public static let layer = "application/vnd.oci.image.layer.v1.tar"
    /// Docker's own name for a layer in gzip.
    static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    /// `{}`. Source: OCI Image Specification 1.1, "Guidance for an Empty Descriptor".
    public static let empty = "application/vnd.oci.empty.v1+json"
    public static let bytes = "application/octet-stream"

    public static let manifests: Set = [manifest, "application/vnd.docker.distribution.manifest.v2+json"]
    public static let indexes: Set = [index, "application/vnd.docker.distribution.manifest.list.v2+json"]
    static let configurations: Set = [configuration, "application/vnd.docker.container.image.v1+json"]
    static let layers: Set = [layerGzip, layerZstd, layer, dockerLayer]
}
