public import IngotModel

/// A manifest or an index as somebody wrote it, read strictly: what it is, what it names, and what it says something about.
///
/// Source: OCI Image Specification 1.1, Image Manifest and Image Index; Docker Image Manifest Version 2, Schema 2.
public struct ManifestDocument: Sendable {
    /// Source: OCI Distribution Specification 1.1, "Pushing Manifests".
    public static let limit = ImageStore.documentLimit

    public let bytes: [UInt8]
    /// As a list of referrers shows it: with its type of artifact and its annotations.
    public let descriptor: Descriptor
    /// The configuration first; none of an index.
    public let blobs: [Descriptor]
    /// The manifests of an index.
    public let manifests: [Descriptor]
    /// What it says something about. It need not be there.
    public let subject: Descriptor?

    public var isIndex: Bool { MediaType.indexes.contains(descriptor.mediaType) }
    /// Whether it may be an image that can run, and no other artifact.
    public var isImage: Bool { blobs.first.map { MediaType.configurations.contains($0.mediaType) } ?? false }

    /// - Parameter mediaType: what whoever sent it says that it is. The document must say the same, or nothing.
    /// - Throws: `StoreError` `imageInvalid`, `tooLarge`.
    public init(_ bytes: [UInt8], mediaType: String) throws {
        guard bytes.count <= Self.limit.bytes else { throw StoreError.tooLarge("the manifest", limit: "\(Self.limit)") }
        let digest = ContentHash.digest(of: bytes)
        let contents: Contents
        do { contents = try CanonicalJSON.decode(Contents.self, from: bytes) } catch {
            throw StoreError.imageInvalid("\(digest.short) is no manifest that can be read", cause: error)
        }
        let isIndex = MediaType.indexes.contains(mediaType)
        guard isIndex || MediaType.manifests.contains(mediaType) else {
            throw StoreError.imageInvalid("'\(mediaType.prefix(100))' is not the type of a manifest or an index")
        }
        guard contents.mediaType ?? mediaType == mediaType else {
            throw StoreError.imageInvalid("it is sent as \(mediaType), and calls itself \(contents.mediaType?.prefix(100) ?? "nothing")")
        }
        try contents.check(isIndex: isIndex)
        self.bytes = bytes
        blobs = contents.config.map { [$0] + (contents.layers ?? []) } ?? []
        manifests = contents.manifests ?? []
        subject = contents.subject
        var descriptor = Descriptor(mediaType: mediaType, digest: digest, size: bytes.count, annotations: contents.annotations)
        descriptor.artifactType = contents.artifactType ?? contents.config?.mediaType
        self.descriptor = descriptor
    }

    /// All that either may have. Source of what is refused: CVE-2021-41190, one document that is a manifest to some and an index to others.
    private struct Contents: Decodable {
        var schemaVersion: Int
        var mediaType: String?
        var artifactType: String?
        var config: Descriptor?
        var layers: [Descriptor]?
        var manifests: [Descriptor]?
        var subject: Descriptor?
        var annotations: [String: String]?

        func check(isIndex: Bool) throws {
            guard schemaVersion == 2 else { throw StoreError.imageInvalid("its schemaVersion is \(schemaVersion), not 2") }
            if isIndex {
                guard config == nil, layers == nil else { throw StoreError.imageInvalid("it is sent as an index, and is none") }
            } else {
                guard config != nil, manifests == nil else { throw StoreError.imageInvalid("it is sent as a manifest, and is none") }
            }
            for descriptor in [config, subject].compactMap({ $0 }) + (layers ?? []) + (manifests ?? []) {
                guard descriptor.size >= 0 else { throw StoreError.imageInvalid("\(descriptor.digest) has a negative size") }
                guard Self.isMediaType(descriptor.mediaType) else {
                    throw StoreError.imageInvalid("'\(descriptor.mediaType.prefix(100))' is no media type")
                }
            }
            if let artifactType, !Self.isMediaType(artifactType) { throw StoreError.imageInvalid("'\(artifactType.prefix(100))' is no media type") }
        }

        /// Source: RFC 6838, section 4.2.
        private static func isMediaType(_ text: String) -> Bool {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 2
                && parts.allSatisfy { part in
                    (1...127).contains(part.utf8.count)
                        && part.utf8.allSatisfy { byte in
                            switch byte {
                            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                                true
                            default: "!#$&-^_.+".utf8.contains(byte)
                            }
                        }
                }
        }
    }
}
