internal import Glibc
public import IngotModel
internal import SystemPackage

/// What the registry of this machine serves.
extension ImageStore {
    /// A repository, whether or not anything is in it.
    public func repository(_ name: RepositoryName) -> Repository { Repository(store: self, name: name) }

    /// All that have something, in the order of their bytes: pushed, or built here and tagged.
    public func repositories() throws -> [RepositoryName] {
        let made = try Files.names(in: folder.appending("repositories")).compactMap { TagName.name(ofFile: $0).flatMap { RepositoryName($0) } }
        return try Set(made + repositoryTags().map(\.repository)).sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// Removes what a daemon that died was being sent. Only the one daemon of the root may call it, before it takes uploads.
    public func removeUploads() throws {
        for name in try Files.names(in: uploads) { try Files.remove(uploads.appending(FilePath(name).components)) }
    }

    /// A blob for whoever sends it on: a descriptor that is the caller's to close, and the size. Throws `blobMissing`.
    public func openDescriptor(ofBlob digest: Digest) throws -> (descriptor: CInt, size: Int) {
        let file = try blobs.open(digest)
        let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw StoreError.system("fcntl", file.path, .last) }
        return (descriptor, try file.size())
    }

    // MARK: Within

    var uploads: FilePath { folder.appending("uploads") }

    /// - Parameter beginning: how the names begin. Those of others are passed over before they are read: reading a name takes longer than finding it.
    func repositoryTags(beginning: String = "") throws -> [(repository: RepositoryName, tag: String)] {
        let beginning = TagName.fileName(beginning)
        return try Files.names(in: folder.appending("tags")).compactMap { file in
            guard file.hasPrefix(beginning) else { return nil }
            return TagName.name(ofFile: file).flatMap { RepositoryName.split($0) }
        }
    }

    /// The blobs that repositories need; whoever calls holds the store alone.
    ///
    /// Lets go of what was built here and is kept by nobody else, and of blobs that no manifest named within the lease.
    func blobsOfRepositories(kept: Set<Digest>) throws -> Set<Digest> {
        var needed: Set<Digest> = []
        for name in try Files.names(in: folder.appending("repositories")) {
            guard let repository = TagName.name(ofFile: name).flatMap({ RepositoryName($0) }).map(repository) else { continue }
            try needed.formUnion(repository.blobsInUse(kept: kept))
        }
        return needed
    }

    /// The same, and nothing changes.
    func blobsOfRepositories() throws -> Set<Digest> {
        try Files.names(in: folder.appending("repositories")).reduce(into: []) { needed, name in
            guard let repository = TagName.name(ofFile: name).flatMap({ RepositoryName($0) }).map(repository) else { return }
            needed.formUnion(try Files.names(in: repository.folder.appending("blobs")).compactMap { Digest(hex: $0) })
        }
    }
}

extension Repository {
    fileprivate func blobsInUse(kept: Set<Digest>) throws -> Set<Digest> {
        var needed: Set<Digest> = []
        for digest in try Files.names(in: folder.appending("manifests")).compactMap({ Digest(hex: $0) }) {
            if let record = try record(digest), record.isLocal, !kept.contains(digest) {
                try Files.remove(manifestPath(digest))
            } else {
                needed.insert(digest)
                // One that can't be read keeps what it can: its error is for those who ask for it.
                guard let document = try? stored(digest) else { continue }
                needed.formUnion(document.blobs.map(\.digest))
            }
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        for blob in try Files.names(in: folder.appending("blobs")).compactMap({ Digest(hex: $0) }) where !needed.contains(blob) {
            let changed = try OpenFile(blobPath(blob), O_PATH | O_NOFOLLOW).status().st_mtim.tv_sec
            // A clock that was set back makes no lease longer than it is.
            if (0..<Self.lease.count / 1_000).contains(now.tv_sec - changed) { needed.insert(blob) } else { try Files.remove(blobPath(blob)) }
        }
        return needed
    }
}
