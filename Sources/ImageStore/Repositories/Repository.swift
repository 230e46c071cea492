internal import Glibc
public import IngotModel
internal import SystemPackage

/// What one repository of this machine's registry has. A blob that is in the store, and was never given to this repository, can't be read from it.
///
///     store/repositories/<name>/blobs/<hex>       a blob that may be read here; changed when somebody last made sure of it
///     store/repositories/<name>/manifests/<hex>   a manifest: what it is, and whether it was built here
///     store/repositories/<name>/referrers/<hex>/<hex>  a manifest about another one: its descriptor, as lists show it
///
/// Each call is atomic and may be repeated; what returned is on the disk. Tags are the store's own: see `RepositoryName`.
public struct Repository: Sendable {
    /// How long a blob stays that no manifest names: as long as pushing an image may take.
    public static let lease: Milliseconds = .minutes(24 * 60)

    let store: ImageStore
    public let name: RepositoryName

    /// What is remembered of a manifest.
    struct Record: Codable {
        var mediaType: String
        /// Built or pulled here, and found by a tag. It goes with its image; what was pushed stays until it is deleted.
        var isLocal: Bool
    }

    var folder: FilePath { store.folder.appending("repositories").appending(TagName.fileName(name.text)) }
    func blobPath(_ digest: Digest) -> FilePath { folder.appending("blobs").appending(digest.hex) }
    func manifestPath(_ digest: Digest) -> FilePath { folder.appending("manifests").appending(digest.hex) }
    func referrersPath(_ subject: Digest) -> FilePath { folder.appending("referrers").appending(subject.hex) }

    /// Whether anything is in it.
    public func exists() throws -> Bool {
        if Files.exists(folder) { return true }
        return try !tags().isEmpty
    }

    func makeFolders() throws {
        // The last one of them.
        guard !Files.exists(folder.appending("referrers")) else { return }
        try Files.makeFolder(folder, mode: 0o700)
        for name in ["blobs", "manifests", "referrers"] {
            try Files.makeFolder(folder.appending(FilePath.Component(stringLiteral: name)), mode: 0o700)
        }
        try Files.synchronizeFolder(store.folder.appending("repositories"))
        try Files.synchronizeFolder(folder)
    }

    // MARK: Blobs

    /// Whether the blob was given to this repository, and not taken out again.
    public func has(_ blob: Digest) -> Bool { Files.exists(blobPath(blob)) }

    /// Whether the blob may be read here, and is there.
    public func holds(_ blob: Digest) -> Bool { has(blob) && store.contains(blob) }

    /// The same, for whoever will rely on it: a blob that is not named by a manifest stays for another lease.
    public func renew(_ blob: Digest) throws -> Bool {
        try store.withSharedLock {
            guard holds(blob) else { return false }
            guard blobPath(blob).withPlatformString({ utimensat(AT_FDCWD, $0, nil, 0) }) == 0 else {
                throw StoreError.system("utimensat", blobPath(blob), .last)
            }
            return true
        }
    }

    /// Gives a blob of the store to this repository. Throws `blobMissing`.
    public func link(_ blob: Digest) throws {
        if try renew(blob) { return }
        try store.withSharedLock {
            guard store.contains(blob) else { throw StoreError.blobMissing(blob) }
            try linkWithin([blob])
        }
    }

    /// Whoever calls holds the store's lock.
    ///
    /// - Parameter isLeased: whether a blob that was not here stays for a lease though nothing names it.
    func linkWithin(_ blobs: [Digest], isLeased: Bool = true) throws {
        try makeFolders()
        for blob in blobs where !Files.exists(blobPath(blob)) {
            let link = try OpenFile(blobPath(blob), O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
            if !isLeased { futimens(link.descriptor, [timespec(), timespec()]) }
        }
        try Files.synchronizeFolder(folder.appending("blobs"))
    }

    /// Takes a blob out of this repository. `false` when it was not there. Its bytes stay until garbage is collected.
    public func unlink(_ blob: Digest) throws -> Bool {
        guard has(blob) else { return false }
        try Files.remove(blobPath(blob))
        try Files.synchronizeFolder(folder.appending("blobs"))
        return true
    }

    /// Which of these are not here, or have another size than they are said to have.
    public func missing(_ blobs: [Descriptor]) throws -> [Descriptor] {
        try blobs.filter { try !has($0.digest) || !store.blobs.holds($0.digest, size: $0.size) }
    }

    // MARK: Tags

    /// In the order of their bytes.
    public func tags() throws -> [String] {
        try store.repositoryTags(beginning: name.tagged("")).filter { $0.repository == name }.map(\.tag)
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    public func digest(ofTag tag: String) throws -> Digest? {
        guard RepositoryName.isTag(tag) else { return nil }
        return try store.readTag(name.tagged(tag))
    }

    /// Names a manifest of this repository. Throws `nameInvalid`, `blobMissing`.
    public func tag(_ manifest: Digest, as tag: String) throws {
        try TagName.check(name.tagged(tag))
        try store.withSharedLock {
            guard Files.exists(manifestPath(manifest)) else { throw StoreError.blobMissing(manifest) }
            try store.writeTag(name.tagged(tag), manifest)
        }
    }

    /// `false` when there was no such tag.
    public func untag(_ tag: String) throws -> Bool {
        guard try digest(ofTag: tag) != nil else { return false }
        try store.untag(name.tagged(tag))
        try Files.synchronizeFolder(store.folder.appending("tags"))
        return true
    }
}
