public import IngotModel
internal import Synchronization
internal import SystemPackage

/// A blob on its way into the store, piece by piece: hashed as it comes, and never longer than it is said to be.
///
/// It has no name before it is whole and what its digest says, so one that is let go of leaves nothing.
public final class IncomingBlob: Sendable {
    public let descriptor: Descriptor
    private let state: Mutex<HashedFile>

    fileprivate init(_ descriptor: Descriptor, in folder: FilePath) throws {
        self.descriptor = descriptor
        state = Mutex(HashedFile(try TemporaryFile(in: folder)))
    }

    /// How many bytes there are.
    public var count: Int { state.withLock { $0.content.count } }

    /// Throws `blobUnexpected` when there are more bytes than there may be.
    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            guard bytes.count <= descriptor.size - state.content.count else { throw StoreError.blobUnexpected(descriptor, "it is longer") }
            try state.content.append(bytes)
        }
    }

    /// Begins again: what came is not to be trusted.
    public func restart() { state.withLock { $0.content.goBack(to: ContentHash()) } }

    /// Throws `blobUnexpected` unless all of it is there and is what the digest says.
    public func check() throws {
        let (count, digest) = state.withLock { ($0.content.count, $0.content.digest()) }
        guard count == descriptor.size else { throw StoreError.blobUnexpected(descriptor, "it has \(count) bytes") }
        guard digest == descriptor.digest else { throw StoreError.blobUnexpected(descriptor, "its content is \(digest)") }
    }

    /// The file, checked.
    func withFile<Result>(_ body: (TemporaryFile) throws -> sending Result) throws -> sending Result {
        try check()
        return try state.withLock { try body($0.file) }
    }
}

extension ImageStore {
    /// Begins to take a blob in. Throws `imageInvalid` when its size cannot be.
    public func incoming(_ descriptor: Descriptor) throws -> IncomingBlob {
        guard descriptor.size >= 0 else { throw StoreError.imageInvalid("\(descriptor.digest) has a negative size") }
        return try IncomingBlob(descriptor, in: blobs.temporary)
    }

    /// Keeps a blob that has come. Throws `blobUnexpected`.
    public func keep(_ incoming: IncomingBlob) throws {
        try withSharedLock { try incoming.withFile { try $0.commit(as: blobs.path(of: incoming.descriptor.digest)) } }
    }

    /// Makes a layer of a blob that has come: decompressed it must be the layer that it is said to be. Blocks the thread while it works.
    ///
    /// Throws `blobUnexpected`, `imageInvalid`, `archiveInvalid`, `tooLarge`.
    public func importLayer(_ incoming: IncomingBlob, diffID: Digest, limits: ArchiveLimits = .standard) throws -> Layer {
        try withSharedLock {
            try Self.checkLayerType(incoming.descriptor)
            return try incoming.withFile { try takeLayer($0, incoming.descriptor, diffID, limits) }
        }
    }

    /// The layer of a blob that is here already, in this form; `nil` when it is not.
    public func layer(diffID: Digest, blob: Descriptor) throws -> Layer? {
        guard let known = try record(of: diffID), known.blobs.contains(where: { $0.digest == blob.digest && $0.size == blob.size }) else {
            return nil
        }
        return Layer(
            diffID: diffID, blob: Descriptor(mediaType: blob.mediaType, digest: blob.digest, size: blob.size), mountableSize: known.mountableSize)
    }

    /// Adds an image whose layers are here already, by its documents as they came. Throws `imageInvalid`, `layerMissing`.
    public func addImage(manifest document: [UInt8], mediaType: String, configuration: [UInt8]) throws -> Image {
        try withSharedLock {
            let parts = try ImageDocuments(manifest: document, configuration: configuration)
            for (diffID, blob) in parts.layers where try layer(diffID: diffID, blob: blob) == nil { throw StoreError.layerMissing(diffID) }
            _ = try blobs.write(configuration, mediaType: parts.manifest.config.mediaType)
            let descriptor = try blobs.write(document, mediaType: mediaType)
            try record(image: descriptor.digest)
            return try image(descriptor.digest)
        }
    }
}

/// The documents of an image that is not here yet, checked against each other.
public struct ImageDocuments: Sendable {
    public let manifest: ImageManifest
    public let configuration: ImageConfiguration
    /// Lowest first: what each layer is, decompressed, and its blob.
    public var layers: [(diffID: Digest, blob: Descriptor)] { zip(configuration.rootfs.diffIDs, manifest.layers).map { ($0, $1) } }

    /// Throws `imageInvalid`, and `tooLarge`.
    public init(manifest document: [UInt8], configuration bytes: [UInt8]) throws {
        manifest = try ImageStore.decode(ImageManifest.self, document, ContentHash.digest(of: document))
        let digest = ContentHash.digest(of: bytes)
        guard digest == manifest.config.digest else { throw StoreError.imageInvalid("its configuration is \(digest), not \(manifest.config.digest)") }
        guard MediaType.configurations.contains(manifest.config.mediaType) else {
            throw StoreError.imageInvalid("it is no image: its configuration is of the type '\(manifest.config.mediaType.prefix(100))'")
        }
        configuration = try ImageStore.decode(ImageConfiguration.self, bytes, digest)
        try ImageStore.check(configuration, layers: manifest.layers.count)
        for layer in manifest.layers { try ImageStore.checkLayerType(layer) }
    }
}
