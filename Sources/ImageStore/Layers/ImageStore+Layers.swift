internal import CLinux
internal import Glibc
public import IngotModel
public import SystemPackage

extension ImageStore {
    /// How large a record or a manifest may be. Source of the number: what registries accept.
    static let documentLimit: ByteSize = .mebibytes(4)

    /// Writes a tree as a layer, in both forms, in one pass over its content. The same tree gives the same layer.
    public func addLayer(_ tree: FileTree, compression: LayerCompression = .gzip) throws -> Layer {
        try beginLayer(tree, compression: compression).finish()
    }

    /// The layer with that diffID; `nil` when one of its forms is not in the store.
    public func layer(diffID: Digest) throws -> Layer? { try record(of: diffID)?.layer }

    /// Hashes the mountable form past the page cache and compares: what was changed under a mount is found.
    ///
    /// Throws `layerChanged`, and `layerMissing`.
    public func checkLayer(diffID: Digest) throws {
        guard let record = try record(of: diffID) else { throw StoreError.layerMissing(diffID) }
        let path = erofsPath(of: diffID)
        guard try ErofsFile.digest(of: path) == record.erofsDigest else {
            throw StoreError(
                .layerChanged, "\(path), the mountable form of layer \(diffID), was changed on disk",
                remedy: "stop what runs from it, remove the file and build or import the image again; find out who may write there")
        }
    }

    // MARK: Within

    func erofsPath(of diffID: Digest) -> FilePath { folder.appending("erofs").appending("\(diffID.hex).erofs") }
    func recordPath(of diffID: Digest) -> FilePath { folder.appending("layers").appending("\(diffID.hex).json") }

    func record(of diffID: Digest) throws -> LayerRecord? {
        guard let bytes = try Files.read(recordPath(of: diffID), limit: Self.documentLimit.bytes),
            var record = try? CanonicalJSON.decode(LayerRecord.self, from: bytes), record.diffID == diffID
        else { return nil }
        let held = try record.blobs.filter { try blobs.holds($0.digest, size: $0.size) }
        guard !held.isEmpty, try holdsErofs(record) else { return nil }
        record.blobs = held
        return record
    }

    private func holdsErofs(_ record: LayerRecord) throws -> Bool {
        let path = erofsPath(of: record.diffID)
        guard Files.exists(path) else { return false }
        return try OpenFile(path, O_RDONLY | O_NOFOLLOW).size() == record.mountableSize.bytes
    }

    /// Gives the EROFS file its name, then the record, which makes the layer exist.
    func keep(_ record: LayerRecord, _ erofs: TemporaryFile) throws -> Layer {
        // A file that is there may be mounted; it is the same bytes, so it stays.
        if let known = try self.record(of: record.diffID), try isCurrent(known, record.erofsDigest) {
            return try note(record.blob, of: known, isForeign: record.foreignBlobs?.isEmpty == false)
        }
        try erofs.commit(as: erofsPath(of: record.diffID))
        RootProtection.protect(erofsPath(of: record.diffID))
        try write(record)
        return record.layer
    }

    /// Whether a layer's file is what we would write: of that content, and with a UUID of its own.
    func isCurrent(_ known: LayerRecord, _ digest: Digest) throws -> Bool {
        try known.erofsDigest == digest && ErofsFile.hasOwnUUID(erofsPath(of: known.diffID))
    }

    /// Adds a form of the blob, which is in the store, to what is known of a layer. Returns the layer in that form.
    func note(_ blob: Descriptor, of known: LayerRecord, isForeign: Bool = false) throws -> Layer {
        var record = known
        if record.add(blob, isForeign: isForeign) { try write(record) }
        return Layer(diffID: record.diffID, blob: blob, mountableSize: record.mountableSize)
    }

    func write(_ record: LayerRecord) throws {
        try TemporaryFile.write(CanonicalJSON.encode(record), as: recordPath(of: record.diffID), by: blobs.temporary)
    }
}

/// Reading an EROFS image from the disk itself, not from the page cache.
enum ErofsFile {
    /// The image's digest, as `ErofsStream.finish` gives it; of any other file one that no image has.
    static func digest(of path: FilePath) throws -> Digest {
        let file = try open(path)
        let chunk = ChunkBuffer()
        var hash = ContentHash()
        var uuid = ErofsFormat.commonUUID
        while true {
            let count = try file.read(into: chunk.bytes, at: hash.count)
            guard count > 0 else { break }
            if hash.count == 0, count >= ErofsFormat.blockLength { uuid = takeUUID(from: .init(rebasing: chunk.bytes[..<ErofsFormat.blockLength])) }
            hash.update(UnsafeRawBufferPointer(rebasing: chunk.bytes[..<count]))
        }
        let digest = hash.digest()
        guard uuid != ErofsFormat.commonUUID, uuid != ErofsFormat.uuid(of: digest) else { return digest }
        return ContentHash.digest(of: uuid)
    }

    /// Puts the common UUID into a first block, and returns the one that stood there. A block whose checksum is wrong stays as it is.
    private static func takeUUID(from block: UnsafeMutableRawBufferPointer) -> [UInt8] {
        let bytes = Array(block)
        let uuid = ErofsFormat.uuid(inBlock: bytes)
        guard ErofsFormat.block(bytes, with: uuid) == bytes else { return ErofsFormat.commonUUID }
        block.copyBytes(from: ErofsFormat.block(bytes, with: ErofsFormat.commonUUID))
        return uuid
    }

    /// Whether the image was written with a UUID that tells it from others.
    static func hasOwnUUID(_ path: FilePath) throws -> Bool {
        let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW)
        let uuid = UnsafeMutableRawBufferPointer.allocate(byteCount: ErofsFormat.uuidLength, alignment: 1)
        defer { uuid.deallocate() }
        return try file.read(into: uuid, at: ErofsFormat.uuidOffset) == uuid.count && Array(uuid) != ErofsFormat.commonUUID
    }

    /// File systems in memory know no direct I/O, and have no other copy of the bytes either.
    private static func open(_ path: FilePath) throws -> OpenFile {
        do { return try OpenFile(path, O_RDONLY | O_NOFOLLOW | ingot_direct_flag()) } catch let error as StoreError {
            guard error.cause as? Errno == .invalidArgument else { throw error }
            return try OpenFile(path, O_RDONLY | O_NOFOLLOW)
        }
    }
}

extension ImageStore {
    /// Reads an archive as a tree whose content is kept in the store's folder for what is temporary.
    public func readArchive(_ path: FilePath, limits: ArchiveLimits = .standard) throws -> FileTree {
        try withSharedLock { try FileTree(archive: path, spool: blobs.temporary, limits: limits) }
    }

    /// Takes an archive (tar; plain, gzip, zstd, xz) as a layer. It is written anew in our own form, so its digests are
    /// not those of the archive. Hostile archives are refused or changed nothing outside: see `FileTree`.
    public func importLayer(tar path: FilePath, limits: ArchiveLimits = .standard) throws -> Layer {
        try addLayer(readArchive(path, limits: limits))
    }
}
