internal import IngotModel
public import SystemPackage

/// An image that was taken into the store, and how it was named where it came from.
public struct ImportedImage: Sendable {
    public var image: Image
    public var names: [String]
}

extension ImageStore {
    /// Takes an image from a folder or file that another tool wrote: an OCI image layout (folder, or archive plain or
    /// compressed), or what `docker save` and `podman save` write.
    ///
    /// All of it is taken for hostile: every blob must be what its digest, size and media type say, and every layer,
    /// decompressed, must have the diffID of the configuration. Names in it reach nothing on the host. An OCI image keeps
    /// its digest; Docker's archives have no manifest, so one is made, the same one every time.
    ///
    /// - Parameter reference: the image's name or digest, where there are several.
    public func importImage(from path: FilePath, reference: String? = nil, limits: ArchiveLimits = .standard) throws -> ImportedImage {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let files = try imageFiles(at: path, limits)
        if try LayoutSource.isLayout(files) {
            let source = try LayoutSource(files, name: path.string)
            let image = try importLayout(source, reference, limits)
            return ImportedImage(image: image, names: try source.names(of: image.digest))
        }
        guard let source = try DockerArchive(files, reference: reference) else {
            throw StoreError.imageInvalid("\(path) is neither an OCI image layout nor an archive of 'docker save'")
        }
        return ImportedImage(image: try importDocker(source, limits), names: source.names)
    }

    private func imageFiles(at path: FilePath, _ limits: ArchiveLimits) throws -> any ImageFiles {
        guard try !Files.isFolder(path) else { return try FolderFiles(path) }
        return ArchiveFiles(tree: try FileTree(archive: path, spool: blobs.temporary, limits: limits))
    }

    /// Takes an image from an OCI image layout on this machine, as it is: its digest stays. Links in the layout are not
    /// followed.
    ///
    /// - Parameter reference: the name (`org.opencontainers.image.ref.name`) or digest of the image in the layout; not
    ///   needed when there is only one.
    public func importOCI(from layout: FilePath, reference: String? = nil, limits: ArchiveLimits = .standard) throws -> Image {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        return try importLayout(LayoutSource(layout), reference, limits)
    }

    private func importLayout(_ source: LayoutSource, _ reference: String?, _ limits: ArchiveLimits) throws -> Image {
        let descriptor = try source.manifest(reference)
        let manifestBytes = try source.document(descriptor, MediaType.manifests)
        let manifest = try Self.decode(ImageManifest.self, manifestBytes, descriptor.digest)
        let configBytes = try source.document(manifest.config, MediaType.configurations)
        let configuration = try Self.decode(ImageConfiguration.self, configBytes, manifest.config.digest)
        try Self.check(configuration, layers: manifest.layers.count)
        for (blob, diffID) in zip(manifest.layers, configuration.rootfs.diffIDs) {
            try importLayer(blob, diffID, from: source, limits)
        }
        _ = try blobs.write(configBytes, mediaType: manifest.config.mediaType)
        _ = try blobs.write(manifestBytes, mediaType: descriptor.mediaType)
        try record(image: descriptor.digest)
        return try image(descriptor.digest)
    }

    static func check(_ configuration: ImageConfiguration, layers: Int) throws {
        guard layers == configuration.rootfs.diffIDs.count else {
            throw StoreError.imageInvalid("it has \(layers) layers, and its configuration \(configuration.rootfs.diffIDs.count)")
        }
        guard layers <= layerLimit else { throw StoreError.tooManyLayers(layers) }
    }

    @discardableResult
    func importLayer(_ blob: Descriptor, _ diffID: Digest, from source: LayoutSource, _ limits: ArchiveLimits) throws -> Layer {
        try Self.checkLayerType(blob)
        if let known = try layer(diffID: diffID, blob: blob) { return known }
        let copy = try TemporaryFile(in: blobs.temporary)
        try source.copy(blob, to: copy)
        return try takeLayer(copy, blob, diffID, limits)
    }

    static func checkLayerType(_ blob: Descriptor) throws {
        guard MediaType.layers.contains(blob.mediaType) else {
            throw StoreError.imageInvalid("it has a layer of the unknown type '\(blob.mediaType.prefix(100))'")
        }
    }

    /// Makes a layer of a file that is the blob: its digest was checked, what is in it was not.
    func takeLayer(_ copy: TemporaryFile, _ blob: Descriptor, _ diffID: Digest, _ limits: ArchiveLimits) throws -> Layer {
        let plain = Descriptor(mediaType: blob.mediaType, digest: blob.digest, size: blob.size)
        if let known = try record(of: diffID) {
            try verify(copy.file, blob, diffID, limits)
            try copy.commit(as: blobs.path(of: blob.digest))
            return try note(plain, of: known, isForeign: true)
        }
        // The blob first: the record, which makes the layer exist, is of both.
        var (erofs, record) = try makeErofs(of: copy.file, plain, diffID, limits)
        record.foreignBlobs = [plain.digest]
        try copy.commit(as: blobs.path(of: blob.digest))
        return try keep(record, erofs)
    }

    /// The mountable form of an archive that must be the layer that it is said to be.
    func makeErofs(
        of archive: OpenFile, _ blob: Descriptor, _ diffID: Digest, _ limits: ArchiveLimits
    ) throws -> (TemporaryFile, LayerRecord) {
        var hash = ContentHash()
        let tree = try FileTree(archive: archive, spool: blobs.temporary, limits: limits) { hash.update($0) }
        guard hash.digest() == diffID else { throw Self.wrongDiffID(blob, hash.digest(), diffID) }
        let erofs = try TemporaryFile(in: blobs.temporary)
        let (digest, size) = try LayerWriter.writeErofs(tree, to: erofs)
        return (erofs, LayerRecord(diffID: diffID, blob: blob, mountableSize: ByteSize(size), erofsDigest: digest))
    }

    /// The mountable form is known already; that this blob is another form of the same must still be true.
    func verify(_ archive: OpenFile, _ blob: Descriptor, _ diffID: Digest, _ limits: ArchiveLimits) throws {
        var hash = ContentHash()
        try Decompression.run(archive, limits) { hash.update($0) }
        guard hash.digest() == diffID else { throw Self.wrongDiffID(blob, hash.digest(), diffID) }
    }

    private static func wrongDiffID(_ blob: Descriptor, _ found: Digest, _ expected: Digest) -> StoreError {
        StoreError.imageInvalid("layer \(blob.digest.short) is \(found) when decompressed, and the configuration says \(expected)")
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], _ digest: Digest) throws -> Value {
        do { return try CanonicalJSON.decode(type, from: bytes) } catch {
            throw StoreError.imageInvalid("\(digest.short) in the layout cannot be read", cause: error)
        }
    }
}
