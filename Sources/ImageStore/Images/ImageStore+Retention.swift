internal import Glibc
public import IngotModel
internal import SystemPackage

/// A layer that is kept for those who may want it again, such as the next build.
public struct RetainedLayer: Hashable, Sendable, Codable {
    public var diffID: Digest
    /// Since 1970.
    public var usedAtSecond: Int
    /// Of both forms, on disk.
    public var size: ByteSize
    /// Whether an image has it, so that letting go of it frees nothing.
    public var isInImage: Bool

    public init(diffID: Digest, usedAtSecond: Int, size: ByteSize, isInImage: Bool) {
        self.diffID = diffID
        self.usedAtSecond = usedAtSecond
        self.size = size
        self.isInImage = isInImage
    }
}

extension ImageStore {
    /// Keeps a layer from garbage collection until it is let go of, whether or not an image has it, and notes that it was
    /// used now.
    public func retain(layer diffID: Digest) throws {
        let path = retentionPath(diffID)
        if path.withPlatformString({ utimensat(AT_FDCWD, $0, nil, 0) }) == 0 { return }
        _ = try OpenFile(path, O_WRONLY | O_CREAT, mode: 0o600)
    }

    /// Lets go of a layer. That it was not retained is no error.
    public func release(layer diffID: Digest) throws { try Files.remove(retentionPath(diffID)) }

    /// What is retained, the one not used for longest first.
    public func retainedLayers() throws -> [RetainedLayer] {
        let names = try Files.names(in: folder.appending("retained"))
        guard !names.isEmpty else { return [] }
        let used = try layersOfImages()
        return names.compactMap { Digest(hex: $0) }.map { diffID in
            RetainedLayer(
                diffID: diffID, usedAtSecond: (try? OpenFile(retentionPath(diffID), O_PATH).status().st_mtim.tv_sec) ?? 0,
                size: size(ofLayer: diffID), isInImage: used.contains(diffID))
        }.sorted { ($0.usedAtSecond, $0.diffID) < ($1.usedAtSecond, $1.diffID) }
    }

    /// Lets go of some layers, and removes those of them that no image of the store has and no mount uses.
    ///
    /// Throws `busy`, and changes nothing, when somebody is writing: discard them another time.
    public func discard(layers: Set<Digest>) throws -> ByteSize {
        guard let lock = try StoreLock.tryExclusive(lockPath) else {
            throw StoreError(.busy, "the store is being written to", remedy: "try again when no build or import runs")
        }
        defer { withExtendedLifetime(lock) {} }
        var freed = 0
        var candidates: Set<Digest> = []
        let used = try layersOfImages()
        for diffID in layers {
            try release(layer: diffID)
            guard !used.contains(diffID), let record = try record(of: diffID), try mounts.unmount(diffID.short) else { continue }
            candidates.formUnion(record.blobs.map(\.digest))
            freed += record.mountableSize.bytes
            // The record first: without it the files are garbage, with it they would be missing.
            try Files.remove(recordPath(of: diffID))
            try Files.remove(erofsPath(of: diffID))
        }
        for blob in try candidates.isEmpty ? [] : candidates.subtracting(blobsInUse()) {
            freed += (try? blobs.size(of: blob)) ?? 0
            try blobs.remove(blob)
        }
        return ByteSize(freed)
    }

    // MARK: Within

    private func retentionPath(_ diffID: Digest) -> FilePath { folder.appending("retained").appending(diffID.hex) }

    private func size(ofLayer diffID: Digest) -> ByteSize {
        guard let record = try? record(of: diffID) else { return 0 }
        return record.mountableSize + ByteSize(record.blobs.reduce(0) { $0 + $1.size })
    }

    private func layersOfImages() throws -> Set<Digest> {
        try imageDigests().reduce(into: []) { layers, image in
            if let (_, configuration) = try? documents(of: image) { layers.formUnion(configuration.rootfs.diffIDs) }
        }
    }

    /// Those of images, of layers and of repositories.
    private func blobsInUse() throws -> Set<Digest> {
        var used = try blobsOfRepositories()
        for image in try imageDigests() {
            if let (manifest, _) = try? documents(of: image) { used.formUnion(manifest.layers.map(\.digest)) }
        }
        for file in try Files.names(in: folder.appending("layers")) {
            guard let diffID = Digest(hex: file.dropLast(5)), let record = try record(of: diffID) else { continue }
            used.formUnion(record.blobs.map(\.digest))
        }
        return used
    }
}
