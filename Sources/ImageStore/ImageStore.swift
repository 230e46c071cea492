internal import Glibc
public import IngotModel
public import SystemPackage

/// Images on this machine: blobs by digest, layers in two forms, tags, mounts.
///
/// All of it is under `ROOT/store`, of which several processes may have one open. A value that is returned was
/// synced to disk; a call that throws left nothing half written.
///
///     store/blobs/sha256/<hex>     content, as in an OCI image layout
///     store/layers/<hex>.json      what is known of the layer with that diffID
///     store/erofs/<hex>.erofs      its mountable form
///     store/images/<hex>           the digests of the manifests that are images here
///     store/indexes/<hex>          the digests of indexes of images for several platforms
///     store/tags/<name>            a manifest's or an index's digest
///     store/retained/<hex>         a layer that is kept though no image may have it; changed when it was last used
///     store/referrers/<hex>/<hex>  the manifests that say something about an image
///     store/notes/<kind>/<hex>     what was found out about the layer with that diffID, and can be found out again
///     store/mounts/<12 digits>     where a layer is mounted
///     store/repositories/<name>/   what the registry serves under a name: see `Repository`
///     store/uploads/               what the registry is being sent
///     store/tmp/                   what is being written
public final class ImageStore: Sendable {
    /// The daemon's root, in which the store is.
    public let root: FilePath
    /// `ROOT/store`.
    public let folder: FilePath
    let blobs: Blobs
    let mounts: LayerMounts

    /// Opens the store under a root, making both where they are missing: the root with mode 0711, the store with 0700.
    ///
    /// Throws `rootNotOwned` when one of them belongs to another user, and `rootUnsuitable` on an overlay without loop
    /// devices, where a layer could not be mounted.
    public init(root: FilePath) throws {
        self.root = root
        folder = root.appending("store")
        blobs = Blobs(folder: folder.appending("blobs"), temporary: folder.appending("tmp"))
        try Self.makeRoot(root)
        try Self.makeOwned(folder, mode: 0o700)
        for name in [
            "blobs", "blobs/sha256", "layers", "erofs", "images", "indexes", "tags", "retained", "referrers", "notes", "mounts", "tmp",
            "repositories",
            "uploads",
        ] {
            try Files.makeFolder(folder.appending(FilePath(name).components), mode: 0o700)
        }
        mounts = try LayerMounts(folder: folder)
        try writeLayout()
        try removeLeftovers()
    }

    private static func makeRoot(_ root: FilePath) throws {
        var path = FilePath(root: root.root)
        for component in root.components {
            path.append(component)
            if path == root { try makeOwned(path, mode: 0o711) } else { try Files.makeFolder(path, mode: 0o755) }
        }
    }

    /// Makes the folder, or makes sure that it is ours and nobody else may write to it.
    private static func makeOwned(_ path: FilePath, mode: mode_t) throws {
        try Files.makeFolder(path, mode: mode)
        let status = try OpenFile(path, O_RDONLY | O_DIRECTORY).status()
        guard status.st_uid == geteuid() else {
            throw StoreError(
                .rootNotOwned, "\(path) belongs to user \(status.st_uid), and this is user \(geteuid())",
                remedy: "run as its owner, or choose another folder with --root", fault: .user)
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw StoreError(
                .rootNotOwned, "others may write to \(path)", remedy: "take that away: chmod go-w \(path)", fault: .user)
        }
    }

    private func writeLayout() throws {
        let path = folder.appending("oci-layout")
        guard !Files.exists(path) else { return }
        try withSharedLock { try TemporaryFile.write(Array(OCILayout.marker.utf8), as: path, by: blobs.temporary) }
    }

    /// Removes what processes left in `tmp` that were killed. Nobody writes while the lock is held alone.
    private func removeLeftovers() throws {
        guard let lock = try StoreLock.tryExclusive(lockPath) else { return }
        defer { withExtendedLifetime(lock) {} }
        for name in try Files.names(in: blobs.temporary) { try Files.remove(blobs.temporary.appending(name)) }
    }

    // MARK: Locks

    var lockPath: FilePath { folder.appending("lock") }

    /// Holds off garbage collection until the lock is let go of: for the length of a build or an import.
    public func sharedLock() throws -> StoreLock { try StoreLock.shared(lockPath) }

    /// Holds off garbage collection while the body runs.
    public func withSharedLock<Result>(_ body: () throws -> Result) throws -> Result {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    /// Holds off garbage collection while the body runs.
    public func withSharedLock<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        return try await body()
    }

    /// Runs the body while no other process and no other thread runs one by the same name: each opens the lock's file for itself, and a lock belongs to
    /// what was opened. Source: flock(2).
    func alone<Result>(by name: FilePath.Component, _ body: () throws -> Result) throws -> Result {
        let lock = try StoreLock.exclusive(folder.appending(name))
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    // MARK: Blobs

    public func contains(_ digest: Digest) -> Bool { blobs.contains(digest) }

    /// The blob's bytes, verified. Throws `blobMissing`, `blobChanged`, `tooLarge`.
    public func readBlob(_ digest: Digest, limit: ByteSize) throws -> [UInt8] { try blobs.read(digest, limit: limit) }

    /// Writes a blob: atomic, and nothing changes when it is there.
    public func writeBlob(_ bytes: [UInt8], mediaType: String = MediaType.bytes) throws -> Descriptor {
        try withSharedLock { try blobs.write(bytes, mediaType: mediaType) }
    }
}

/// The folder of an OCI image layout. Source: OCI Image Specification 1.1, Image Layout.
enum OCILayout {
    static let marker = #"{"imageLayoutVersion":"1.0.0"}"#
}
