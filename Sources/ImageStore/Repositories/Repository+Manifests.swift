public import IngotModel
internal import SystemPackage

extension Repository {
    /// A manifest of this repository, verified; `nil` when it has none of that digest. Of an image that was built here, and has a tag of this
    /// repository, this is the moment in which it becomes the repository's.
    public func manifest(_ digest: Digest) throws -> ManifestDocument? {
        if let document = try stored(digest) { return document }
        return try adopt(digest) ? stored(digest) : nil
    }

    /// The same of one that is the repository's already. It takes no lock, so collecting garbage may ask.
    func stored(_ digest: Digest) throws -> ManifestDocument? {
        guard let record = try record(digest) else { return nil }
        return try ManifestDocument(store.blobs.read(digest, limit: ManifestDocument.limit), mediaType: record.mediaType)
    }

    func record(_ digest: Digest) throws -> Record? {
        guard store.contains(digest) else { return nil }
        return try Files.read(manifestPath(digest), limit: 4096).flatMap { try? CanonicalJSON.decode(Record.self, from: $0) }
    }

    /// Takes in a manifest that was sent. What it names must be here already; what it is about need not be.
    ///
    /// Throws `blobMissing`: look at `missing` first, which says all; and `tooManySigned` when it is about an image of the store that has room for no more.
    public func add(_ document: ManifestDocument) throws {
        try store.withSharedLock {
            for blob in document.blobs where !holds(blob.digest) { throw StoreError.blobMissing(blob.digest) }
            for child in document.manifests where try record(child.digest) == nil { throw StoreError.blobMissing(child.digest) }
            _ = try store.blobs.write(document.bytes, mediaType: document.descriptor.mediaType)
            try keep(document, isLocal: false)
        }
    }

    /// The blobs are linked, and the list of referrers is written, before the manifest can be found.
    ///
    /// A document about an image that this repository does not have stands in its own list only (as the specification asks): who may push somewhere
    /// says nothing about the images of others.
    private func keep(_ document: ManifestDocument, isLocal: Bool) throws {
        let digest = document.descriptor.digest
        try linkWithin(document.blobs.map(\.digest) + [digest], isLeased: !isLocal)
        if let subject = document.subject?.digest {
            if try isLocal || reachesManifest(subject) { try store.noteReferrer(digest, of: subject) }
            try Files.makeFolder(referrersPath(subject), mode: 0o700)
            try Files.synchronizeFolder(folder.appending("referrers"))
            try TemporaryFile.write(
                CanonicalJSON.encode(document.descriptor), as: referrersPath(subject).appending(digest.hex), by: store.blobs.temporary)
        }
        // What was said about it here before it came.
        for referrer in try keptReferrers(of: digest) { try store.noteReferrer(referrer, of: digest) }
        let record = Record(mediaType: document.descriptor.mediaType, isLocal: isLocal)
        try TemporaryFile.write(CanonicalJSON.encode(record), as: manifestPath(digest), by: store.blobs.temporary)
    }

    /// Removes a manifest with its tags. `false` when there was none. Its blobs stay until garbage is collected.
    public func remove(_ manifest: Digest) throws -> Bool {
        guard let document = try self.manifest(manifest) else { return false }
        try store.withSharedLock {
            for tag in try tags() where try digest(ofTag: tag) == manifest { _ = try untag(tag) }
            if let subject = document.subject?.digest {
                try Files.remove(referrersPath(subject).appending(manifest.hex))
                try Files.removeEmptyFolder(referrersPath(subject))
            }
            try Files.remove(manifestPath(manifest))
            try Files.synchronizeFolder(folder.appending("manifests"))
            _ = try unlink(manifest)
        }
        return true
    }

    /// The tags that name a manifest.
    public func tags(of manifest: Digest) throws -> [String] { try tags().filter { try digest(ofTag: $0) == manifest } }

    /// Whether it has it, or takes it up now by one of its tags.
    private func reachesManifest(_ manifest: Digest) throws -> Bool { try record(manifest) != nil || adopt(manifest) }

    /// What says something about a manifest, which need not be here; in the order of digests.
    public func referrers(of subject: Digest) throws -> [Descriptor] {
        if try reachesManifest(subject) { try adoptReferrers(of: subject) }
        return try keptReferrers(of: subject).compactMap { digest in
            try Files.read(referrersPath(subject).appending(digest.hex), limit: ManifestDocument.limit.bytes)
                .flatMap { try? CanonicalJSON.decode(Descriptor.self, from: $0) }
        }
    }

    /// Those that are this repository's already. It looks at nothing else of the store.
    func keptReferrers(of subject: Digest) throws -> [Digest] {
        try Files.names(in: referrersPath(subject)).compactMap { Digest(hex: $0) }.filter { try record($0) != nil }
    }

    // MARK: Images that were built here

    /// Makes an image of the store that a tag of this repository reaches, or a document about one, this repository's.
    private func adopt(_ digest: Digest) throws -> Bool {
        guard store.contains(digest) else { return false }
        for tag in try tags() {
            guard let root = try self.digest(ofTag: tag) else { continue }
            let images = try store.imageDigests(below: root)
            let isReached = root == digest || images.contains(digest)
            if isReached, Files.exists(store.imagePath(digest)) || Files.exists(store.indexPath(digest)) {
                // An index names its images, so they are taken first.
                for image in images where try record(image) == nil { try adopt(image: image) }
                if try record(digest) == nil { try adopt(image: digest) }
                return true
            }
            for image in images where store.hasReferrer(digest, of: image) {
                if try record(image) == nil { try adopt(image: image) }
                try adoptReferrers(of: image)
                return try record(digest) != nil
            }
        }
        return false
    }

    private func adopt(image digest: Digest) throws {
        try store.withSharedLock {
            let stored = try store.document(digest)
            try keep(ManifestDocument(stored.bytes, mediaType: stored.descriptor.mediaType), isLocal: true)
        }
    }

    private func adoptReferrers(of image: Digest) throws {
        for referrer in try store.referrers(of: image) where try record(referrer.digest) == nil { try adopt(image: referrer.digest) }
    }
}
