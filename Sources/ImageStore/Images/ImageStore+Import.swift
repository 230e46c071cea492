internal import Glibc
internal import IngotModel
public import SystemPackage

extension ImageStore {
    /// Takes an image from an OCI image layout on this machine, as it is: its digest stays.
    ///
    /// The layout is taken for hostile: every blob's media type, size and digest must be as its descriptor says, and
    /// every layer, decompressed, must have the diffID that the configuration says. Links in the layout are not followed.
    ///
    /// - Parameter reference: the name (`org.opencontainers.image.ref.name`) or digest of the image in the layout; not
    ///   needed when there is only one.
    public func importOCI(from layout: FilePath, reference: String? = nil, limits: ArchiveLimits = .standard) throws -> Image {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let source = try LayoutSource(layout)
        let descriptor = try source.manifest(reference)
        let manifestBytes = try source.document(descriptor, MediaType.manifests)
        let manifest = try Self.decode(ImageManifest.self, manifestBytes, descriptor.digest)
        let configBytes = try source.document(manifest.config, MediaType.configurations)
        let configuration = try Self.decode(ImageConfiguration.self, configBytes, manifest.config.digest)
        guard manifest.layers.count == configuration.rootfs.diffIDs.count else {
            throw StoreError.imageInvalid("its manifest has \(manifest.layers.count) layers, its configuration \(configuration.rootfs.diffIDs.count)")
        }
        guard manifest.layers.count <= Self.layerLimit else { throw StoreError.tooLarge("the number of layers", limit: "\(Self.layerLimit)") }
        for (blob, diffID) in zip(manifest.layers, configuration.rootfs.diffIDs) {
            try importLayer(blob, diffID, from: source, limits)
        }
        _ = try blobs.write(configBytes, mediaType: manifest.config.mediaType)
        _ = try blobs.write(manifestBytes, mediaType: descriptor.mediaType)
        try record(image: descriptor.digest)
        return try image(descriptor.digest)
    }

    /// What an overlay can stack. Source: Linux, `OVL_MAX_STACK` (500), less what we add.
    static let layerLimit = 400

    private func importLayer(_ blob: Descriptor, _ diffID: Digest, from source: LayoutSource, _ limits: ArchiveLimits) throws {
        guard MediaType.layers.contains(blob.mediaType) else {
            throw StoreError.imageInvalid("it has a layer of the unknown type '\(blob.mediaType)'")
        }
        let known = try record(of: diffID)
        if try known != nil && blobs.holds(blob.digest, size: blob.size) { return }
        let copy = try TemporaryFile(in: blobs.temporary)
        try source.copy(blob, to: copy)
        if known == nil { try writeErofs(of: copy.file, blob, diffID, limits) } else { try verify(copy.file, blob, diffID, limits) }
        try copy.commit(as: blobs.path(of: blob.digest))
    }

    private func writeErofs(of archive: OpenFile, _ blob: Descriptor, _ diffID: Digest, _ limits: ArchiveLimits) throws {
        var hash = ContentHash()
        let tree = try FileTree(archive: archive, spool: blobs.temporary, limits: limits) { hash.update($0) }
        guard hash.digest() == diffID else { throw Self.wrongDiffID(blob, hash.digest(), diffID) }
        let erofs = try TemporaryFile(in: blobs.temporary)
        let (digest, size) = try LayerWriter.writeErofs(tree, to: erofs)
        let plain = Descriptor(mediaType: blob.mediaType, digest: blob.digest, size: blob.size)
        _ = try keep(LayerRecord(diffID: diffID, blob: plain, mountableSize: ByteSize(size), erofsDigest: digest), erofs)
    }

    /// The mountable form is known already; that this blob is another form of the same must still be true.
    private func verify(_ archive: OpenFile, _ blob: Descriptor, _ diffID: Digest, _ limits: ArchiveLimits) throws {
        var hash = ContentHash()
        try Decompression.run(archive, limits) { hash.update($0) }
        guard hash.digest() == diffID else { throw Self.wrongDiffID(blob, hash.digest(), diffID) }
    }

    private static func wrongDiffID(_ blob: Descriptor, _ found: Digest, _ expected: Digest) -> StoreError {
        StoreError.imageInvalid("layer \(blob.digest.short) is \(found) when decompressed, and the configuration says \(expected)")
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], _ digest: Digest) throws -> Value {
        do { return try CanonicalJSON.decode(type, from: bytes) } catch {
            throw StoreError.imageInvalid("\(digest.short) in the layout cannot be read", cause: error)
        }
    }
}

/// A layout that somebody else wrote.
struct LayoutSource {
    private let folder: OpenFile

    init(_ path: FilePath) throws {
        folder = try OpenFile(path, O_RDONLY | O_DIRECTORY)
        guard let marker = try? file("oci-layout"),
            String(decoding: try Files.contents(of: marker, limit: 4096), as: UTF8.self).contains("imageLayoutVersion")
        else {
            throw StoreError.imageInvalid("\(path) is no OCI image layout: it has no file 'oci-layout'")
        }
    }

    /// The manifest that is meant, through at most one index.
    func manifest(_ reference: String?) throws -> Descriptor {
        let bytes = try Files.contents(of: file("index.json"), limit: ImageStore.documentLimit.bytes)
        let found = try choose(in: index(bytes).manifests, reference)
        guard MediaType.indexes.contains(found.mediaType) else { return found }
        let inner = try index(document(found, MediaType.indexes)).manifests
        let host = inner.filter { $0.platform?.os == "linux" && $0.platform?.architecture == ImageConfiguration.hostArchitecture }
        guard let first = host.first else { throw StoreError.imageInvalid("it has no form for linux/\(ImageConfiguration.hostArchitecture)") }
        return first
    }

    /// A small document, verified.
    func document(_ descriptor: Descriptor, _ types: Set<String>) throws -> [UInt8] {
        guard types.contains(descriptor.mediaType) else {
            throw StoreError.imageInvalid("\(descriptor.digest.short) is of the type '\(descriptor.mediaType)', not \(types.sorted()[0])")
        }
        let bytes = try Files.contents(of: blob(descriptor), limit: ImageStore.documentLimit.bytes)
        guard bytes.count == descriptor.size, ContentHash.digest(of: bytes) == descriptor.digest else { throw mismatch(descriptor) }
        return bytes
    }

    /// Copies a blob, verified.
    func copy(_ descriptor: Descriptor, to target: TemporaryFile) throws {
        let source = try blob(descriptor)
        guard try source.size() == descriptor.size else { throw mismatch(descriptor) }
        guard try BlobCopy.copy(source, to: target, limit: descriptor.size).digest() == descriptor.digest else { throw mismatch(descriptor) }
    }

    private func index(_ bytes: [UInt8]) throws -> ImageIndex {
        do { return try CanonicalJSON.decode(ImageIndex.self, from: bytes) } catch {
            throw StoreError.imageInvalid("the layout's index cannot be read", cause: error)
        }
    }

    private func choose(in manifests: [Descriptor], _ reference: String?) throws -> Descriptor {
        let found = manifests.filter {
            reference == nil || $0.annotations?[ImageIndex.nameAnnotation] == reference || "\($0.digest)" == reference
        }
        guard let first = found.first, found.allSatisfy({ $0.digest == first.digest }) else {
            let names = manifests.map { $0.annotations?[ImageIndex.nameAnnotation] ?? "\($0.digest)" }.prefix(10).joined(separator: ", ")
            throw StoreError(
                .ambiguous, "the layout has \(found.count) images\(reference.map { " named '\($0)'" } ?? "")",
                remedy: names.isEmpty ? "export an image into it first" : "name one of: \(names)", fault: .user)
        }
        return first
    }

    private func blob(_ descriptor: Descriptor) throws -> OpenFile {
        do { return try file(FilePath("blobs/sha256/\(descriptor.digest.hex)")) } catch {
            throw StoreError.imageInvalid("\(descriptor.digest) is not in the layout", cause: error)
        }
    }

    private func file(_ path: FilePath) throws -> OpenFile { try folder.open(below: PlatformPath(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK) }

    private func mismatch(_ descriptor: Descriptor) -> StoreError {
        StoreError.imageInvalid("the content of \(descriptor.digest) is not what its digest and size say")
    }
}
