internal import Glibc
public import IngotModel
internal import SystemPackage

/// A document of the store with what it names, as it goes to a registry.
public struct StoredDocument: Hashable, Sendable {
    public var descriptor: Descriptor
    public var bytes: [UInt8]
    /// Documents that have to be there before: the images of an index.
    public var manifests: [Descriptor]
    /// Blobs that have to be there before, each once.
    public var blobs: [Descriptor]
    /// What it says something about.
    public var subject: Descriptor?
    public var artifactType: String?
    public var annotations: [String: String]?

    public init(
        descriptor: Descriptor, bytes: [UInt8], manifests: [Descriptor], blobs: [Descriptor], subject: Descriptor? = nil,
        artifactType: String? = nil, annotations: [String: String]? = nil
    ) {
        self.descriptor = descriptor
        self.bytes = bytes
        self.manifests = manifests
        self.blobs = blobs
        self.subject = subject
        self.artifactType = artifactType
        self.annotations = annotations
    }
}

/// A blob that is read in pieces. It stays readable when its name goes away.
public struct StoredBlob: Sendable {
    public let descriptor: Descriptor
    private let file: OpenFile

    fileprivate init(_ descriptor: Descriptor, _ file: OpenFile) {
        self.descriptor = descriptor
        self.file = file
    }

    /// Fills the buffer from a place of the blob; returns how many bytes there were.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int { try file.read(into: buffer, at: offset) }
}

extension ImageStore {
    /// An image or an index of the store, verified. Throws `blobMissing`, `blobChanged`, `imageInvalid`.
    public func document(_ digest: Digest) throws -> StoredDocument {
        let bytes = try blobs.read(digest, limit: Self.documentLimit)
        if Files.exists(indexPath(digest)) {
            let index = try Self.decode(ImageIndex.self, bytes, digest)
            let descriptor = Descriptor(mediaType: index.mediaType ?? MediaType.index, digest: digest, size: bytes.count)
            return StoredDocument(descriptor: descriptor, bytes: bytes, manifests: index.manifests, blobs: [])
        }
        return try Self.document(bytes, digest)
    }

    static func document(_ bytes: [UInt8], _ digest: Digest) throws -> StoredDocument {
        let manifest = try decode(ImageManifest.self, bytes, digest)
        var seen: Set<Digest> = []
        let blobs = ([manifest.config] + manifest.layers).filter { seen.insert($0.digest).inserted }
        let descriptor = Descriptor(mediaType: manifest.mediaType ?? MediaType.manifest, digest: digest, size: bytes.count)
        return StoredDocument(
            descriptor: descriptor, bytes: bytes, manifests: [], blobs: blobs, subject: manifest.subject,
            artifactType: manifest.artifactType ?? manifest.config.mediaType, annotations: manifest.annotations)
    }

    /// Opens a blob. Throws `blobMissing`, and `blobChanged` when it has another size; whoever reads it holds the content against the digest.
    public func openBlob(_ descriptor: Descriptor) throws -> StoredBlob {
        let file = try blobs.open(descriptor.digest)
        guard try file.size() == descriptor.size else { throw StoreError.blobChanged(descriptor.digest, at: file.path) }
        return StoredBlob(descriptor, file)
    }
}
