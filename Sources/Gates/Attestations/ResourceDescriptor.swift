/// Something that a predicate names: a source, a file, an image.
///
/// Source: in-toto Attestation Framework, v1, "ResourceDescriptor".
public struct ResourceDescriptor: Hashable, Sendable, Codable {
    public var name: String?
    public var uri: String?
    /// Algorithm → lower-case hexadecimal digits.
    public var digest: [String: String]?
    public var mediaType: String?
    public var annotations: [String: String]?

    public init(
        name: String? = nil, uri: String? = nil, digest: [String: String]? = nil, mediaType: String? = nil, annotations: [String: String]? = nil
    ) {
        self.name = name
        self.uri = uri
        self.digest = digest
        self.mediaType = mediaType
        self.annotations = annotations
    }
}
