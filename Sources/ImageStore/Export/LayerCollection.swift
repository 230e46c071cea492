public import IngotModel
public import SystemPackage

/// Layers that somebody exported, with a document about them: a folder that is an OCI image layout, and in it one
/// manifest whose configuration is the document.
///
/// Nothing in it is trusted. The document is what its digest says. A layer is checked when it is taken.
public struct LayerCollection: Sendable {
    public let document: [UInt8]
    /// The blobs by what they are, decompressed, or are said to be.
    let blobs: [Digest: Descriptor]
    let source: LayoutSource

    public var layers: Set<Digest> { Set(blobs.keys) }

    /// The blobs of a collection's manifest, by what they are said to be when decompressed.
    public static func blobs(of manifest: ImageManifest) -> [Digest: Descriptor] {
        let blobs = manifest.layers.compactMap { blob in blob.annotations?[diffIDAnnotation].flatMap { Digest($0) }.map { ($0, blob) } }
        return Dictionary(blobs) { first, _ in first }
    }

    /// A document larger than this is refused.
    public static let largestDocument: ByteSize = .mebibytes(64)

    /// The annotation of a layer that says its diffID. Source: containerd and BuildKit, which write it too.
    static let diffIDAnnotation = "containerd.io/uncompressed"
}

extension ImageStore {
    /// Writes layers and a document about them into a folder. What another export wrote there is replaced; blobs that are
    /// there already stay, and those that nothing needs any more go. Throws `folderInUse` when it holds something else.
    ///
    /// - Parameter type: the media type of the document.
    public func exportCollection(_ layers: [Layer], document: [UInt8], type: String, to folder: FilePath) throws {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let (manifest, bytes) = try collection(layers, document, type)
        var exported = ExportedImage(
            manifest: bytes, descriptor: Descriptor(mediaType: MediaType.manifest, digest: ContentHash.digest(of: bytes), size: bytes.count),
            configuration: manifest.config, layers: manifest.layers, isCollection: true)
        exported.descriptor.annotations = [ImageIndex.nameAnnotation: type]
        if try Files.names(in: folder).isEmpty { try writeLayout(at: folder, exported) } else { try extendLayout(at: folder, exported) }
        try removeUnnamed(in: folder, exported)
    }

    /// The same as a document for a registry. Its blobs are in the store until garbage is collected.
    public func collectionDocument(_ layers: [Layer], document: [UInt8], type: String) throws -> StoredDocument {
        try withSharedLock {
            let bytes = try collection(layers, document, type).bytes
            return try Self.document(bytes, ContentHash.digest(of: bytes))
        }
    }

    private func collection(_ layers: [Layer], _ document: [UInt8], _ type: String) throws -> (manifest: ImageManifest, bytes: [UInt8]) {
        var manifest = ImageManifest(config: try blobs.write(document, mediaType: type), layers: layers.map(Self.annotated))
        manifest.artifactType = type
        return (manifest, try CanonicalJSON.encode(manifest))
    }

    private static func annotated(_ layer: Layer) -> Descriptor {
        var blob = layer.blob
        blob.annotations = [LayerCollection.diffIDAnnotation: "\(layer.diffID)"]
        return blob
    }

    /// A layout that holds nothing but one collection is ours alone.
    private func removeUnnamed(in folder: FilePath, _ exported: ExportedImage) throws {
        guard let bytes = try Files.read(folder.appending("index.json"), limit: Self.documentLimit.bytes),
            let index = try? CanonicalJSON.decode(ImageIndex.self, from: bytes), index.manifests.map(\.digest) == [exported.descriptor.digest]
        else { return }
        let needed = Set(exported.blobs.map(\.digest) + [exported.descriptor.digest])
        let blobs = folder.appending("blobs").appending("sha256")
        for name in try Files.names(in: blobs) {
            if let digest = Digest(hex: name), !needed.contains(digest) { try Files.remove(blobs.appending(name)) }
        }
    }

    /// Opens what ``exportCollection(_:document:type:to:)`` wrote. `nil` when there is no such folder, or nothing in it.
    public func openCollection(at folder: FilePath, type: String) throws -> LayerCollection? {
        guard try Files.exists(folder) && !Files.names(in: folder).isEmpty else { return nil }
        let source = try LayoutSource(folder)
        let descriptor = try source.manifest(type)
        let manifest = try Self.decode(ImageManifest.self, source.document(descriptor, MediaType.manifests), descriptor.digest)
        let document = try source.document(manifest.config, [type], limit: LayerCollection.largestDocument)
        return LayerCollection(document: document, blobs: LayerCollection.blobs(of: manifest), source: source)
    }

    /// Takes a layer from a collection: its blob must be what its digest and size say, and, decompressed, the layer.
    public func takeLayer(_ diffID: Digest, from collection: LayerCollection, limits: ArchiveLimits = .standard) throws -> Layer {
        guard let blob = collection.blobs[diffID] else { throw StoreError.layerMissing(diffID) }
        return try withSharedLock { try importLayer(blob, diffID, from: collection.source, limits) }
    }
}
