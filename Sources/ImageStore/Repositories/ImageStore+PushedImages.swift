public import IngotModel
internal import SystemPackage

/// What was pushed becomes an image that can run when somebody asks for it: a registry that only serves has no work with it.
extension ImageStore {
    /// Finds what was pushed by its name (`shop:1.4`) or digest, and makes its layers mountable; of an index the image for this machine.
    /// Idempotent. Blocks the thread while it works.
    ///
    /// `nil` when nothing of that name was pushed. Throws `imageInvalid` when it is no image, or is not what it says, `archiveInvalid`, `tooLarge`,
    /// `tooManySigned`.
    public func takeUp(_ reference: String, limits: ArchiveLimits = .standard) throws -> Digest? {
        guard let (repository, root) = try pushed(reference), let document = try repository.manifest(root) else { return nil }
        return try withSharedLock {
            guard document.isIndex else { return try takeUp(document, limits) }
            let index = try Self.decode(ImageIndex.self, document.bytes, root)
            guard let own = index.manifest(for: .host)?.digest, let image = try repository.manifest(own), !image.isIndex else {
                throw StoreError.imageInvalid("\(reference) has no image for \(Descriptor.Platform.host)")
            }
            let taken = try takeUp(image, limits)
            _ = try addIndex(document: document.bytes, mediaType: document.descriptor.mediaType)
            return taken
        }
    }

    private func pushed(_ reference: String) throws -> (Repository, Digest)? {
        if let (name, tag) = RepositoryName.split(reference), let digest = try repository(name).digest(ofTag: tag) {
            return (repository(name), digest)
        }
        guard let digest = Digest(reference) else { return nil }
        return try repositories().map(repository).first { try $0.record(digest) != nil }.map { ($0, digest) }
    }

    private func takeUp(_ document: ManifestDocument, _ limits: ArchiveLimits) throws -> Digest {
        let digest = document.descriptor.digest
        guard document.isImage, let config = document.blobs.first else {
            throw StoreError.imageInvalid("\(digest.short) is no image, but an artifact")
        }
        let parts = try ImageDocuments(manifest: document.bytes, configuration: blobs.read(config.digest, limit: Self.documentLimit))
        for (diffID, blob) in parts.layers { try takeUpLayer(diffID, blob, limits) }
        try checkRoom(for: pushedReferrers(of: digest), beside: digest)
        try record(image: digest)
        // What came meanwhile found no image to be put to.
        for referrer in try pushedReferrers(of: digest) { try attach(referrer, to: digest) }
        return digest
    }

    /// What was said about it where it is, and nowhere else.
    private func pushedReferrers(of image: Digest) throws -> [Digest] {
        try repositories().map(repository).filter { try $0.record(image) != nil }.flatMap { try $0.keptReferrers(of: image) }
    }

    private func takeUpLayer(_ diffID: Digest, _ blob: Descriptor, _ limits: ArchiveLimits) throws {
        guard try layer(diffID: diffID, blob: blob) == nil else { return }
        let plain = Descriptor(mediaType: blob.mediaType, digest: blob.digest, size: blob.size)
        let archive = try blobs.open(blob.digest)
        if let known = try record(of: diffID) {
            try verify(archive, blob, diffID, limits)
            _ = try note(plain, of: known, isForeign: true)
        } else {
            var (erofs, record) = try makeErofs(of: archive, plain, diffID, limits)
            record.foreignBlobs = [plain.digest]
            _ = try keep(record, erofs)
        }
    }
}
