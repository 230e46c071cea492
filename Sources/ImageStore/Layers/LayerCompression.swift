/// How the blob of a layer is compressed. The layer's identity, its diffID, is the same either way.
public enum LayerCompression: String, Hashable, Sendable, Codable, CaseIterable {
    /// ISA-L at its level 1. Every engine and every tool reads it, so it is the default.
    case gzip
    /// zstd at level 3: smaller and faster to unpack. Not read by Docker before 23.0, containerd before 1.5 and umoci
    /// before 0.5 (Debian 12 has 0.4.7): images for them need gzip.
    case zstd

    /// Source: OCI Image Specification 1.1, Media Types.
    public var mediaType: String {
        switch self {
        case .gzip: MediaType.layerGzip
        case .zstd: MediaType.layerZstd
        }
    }

    /// Whether a blob of that type is compressed so, by whoever wrote it.
    func fits(_ mediaType: String) -> Bool {
        switch self {
        case .gzip: mediaType == MediaType.layerGzip || mediaType == MediaType.dockerLayer
        case .zstd: mediaType == MediaType.layerZstd
        }
    }

    func encoder(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> any LayerEncoder {
        switch self {
        case .gzip: try GzipEncoder(sink)
        case .zstd: try ZstdEncoder(sink)
        }
    }
}

/// A compressor whose bytes are frozen: they are part of every image's digest.
protocol LayerEncoder: AnyObject {
    /// Compresses one block. All blocks but the last have the same length, which is the caller's part of the promise.
    func encode(_ block: UnsafeRawBufferPointer, isLast: Bool) throws
}
