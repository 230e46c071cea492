internal import Glibc
internal import IngotModel
internal import SystemPackage

/// The content-addressed files: `blobs/sha256/<hex>`, as in an OCI image layout.
///
/// A blob is there whole or not at all; writing one that is there changes nothing; reading verifies it.
struct Blobs: Sendable {
    let folder: FilePath
    let temporary: FilePath

    func path(of digest: Digest) -> FilePath { folder.appending("sha256").appending(digest.hex) }

    func contains(_ digest: Digest) -> Bool { Files.exists(path(of: digest)) }

    func size(of digest: Digest) throws -> Int { try open(digest).size() }

    func open(_ digest: Digest) throws -> OpenFile {
        guard contains(digest) else { throw StoreError.blobMissing(digest) }
        return try OpenFile(path(of: digest), O_RDONLY | O_NOFOLLOW)
    }

    /// The whole blob, verified.
    func read(_ digest: Digest, limit: ByteSize) throws -> [UInt8] {
        let file = try open(digest)
        guard try file.size() <= limit.bytes else { throw StoreError.tooLarge("\(digest)", limit: "\(limit)") }
        let bytes = try Files.contents(of: file, limit: limit.bytes)
        guard ContentHash.digest(of: bytes) == digest else { throw StoreError.blobChanged(digest, at: file.path) }
        return bytes
    }

    func write(_ bytes: [UInt8], mediaType: String) throws -> Descriptor {
        let digest = ContentHash.digest(of: bytes)
        if try !holds(digest, size: bytes.count) {
            try TemporaryFile.write(bytes, as: path(of: digest), by: temporary)
        }
        return Descriptor(mediaType: mediaType, digest: digest, size: bytes.count)
    }

    /// Whether the blob is there and has its size. A blob of another size was changed, and is written anew.
    func holds(_ digest: Digest, size: Int) throws -> Bool {
        guard contains(digest) else { return false }
        return try self.size(of: digest) == size
    }

    /// Copies a blob that is verified on the way to another folder's file.
    func copy(_ digest: Digest, to target: TemporaryFile) throws {
        let source = try open(digest)
        let hash = try BlobCopy.copy(source, to: target, limit: .max)
        guard hash.digest() == digest else { throw StoreError.blobChanged(digest, at: source.path) }
    }

    func remove(_ digest: Digest) throws { try Files.remove(path(of: digest)) }

    /// All blobs, by digest. Names that are no digests are left alone.
    func all() throws -> [Digest] {
        try Files.names(in: folder.appending("sha256")).compactMap { Digest(hex: $0) }
    }
}

/// Copying in pieces, hashing as it goes.
enum BlobCopy {
    static func copy(_ source: OpenFile, to target: TemporaryFile, limit: Int) throws -> ContentHash {
        let chunk = ChunkBuffer()
        var hash = ContentHash()
        while true {
            let count = try source.read(into: chunk.bytes, at: hash.count)
            guard count > 0 else { return hash }
            guard hash.count <= limit - count else { throw StoreError.tooLarge("\(source.path)", limit: "\(limit) bytes") }
            let bytes = UnsafeRawBufferPointer(rebasing: chunk.bytes[..<count])
            try target.file.write(bytes, at: hash.count)
            hash.update(bytes)
        }
    }
}
