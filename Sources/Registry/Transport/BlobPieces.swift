internal import Crypto
internal import ImageStore
internal import IngotModel
internal import NIOCore

/// A part of a blob of the store, as the body of a request. When it is all of the blob, what is sent is held against the digest:
/// what was changed on disk does not go out under its old name.
struct BlobPieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let blob: StoredBlob
    let start: Int
    let count: Int
    /// Called with the number of bytes of each piece.
    let progress: @Sendable (Int) -> Void

    static let pieceLength = 256 << 10

    init(_ blob: StoredBlob, from start: Int = 0, count: Int? = nil, progress: @escaping @Sendable (Int) -> Void) {
        self.blob = blob
        self.start = start
        self.count = count ?? blob.descriptor.size - start
        self.progress = progress
    }

    func makeAsyncIterator() -> Iterator { Iterator(pieces: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: BlobPieces
        private var done = 0
        private var hash = SHA256()
        private let allocator = ByteBufferAllocator()

        init(pieces: BlobPieces) { self.pieces = pieces }

        mutating func next() async throws -> ByteBuffer? {
            let wanted = Swift.min(BlobPieces.pieceLength, pieces.count - done)
            guard wanted > 0 else {
                try check()
                return nil
            }
            var buffer = allocator.buffer(capacity: wanted)
            let place = pieces.start + done
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) {
                try pieces.blob.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]), at: place)
            }
            guard count == wanted else { throw changed }
            if isWhole { buffer.withUnsafeReadableBytes { hash.update(bufferPointer: $0) } }
            done += count
            // Before the last byte leaves: a server that does not check would keep it.
            if done == pieces.count { try check() }
            pieces.progress(count)
            return buffer
        }

        private var isWhole: Bool { pieces.start == 0 && pieces.count == pieces.blob.descriptor.size }

        private func check() throws {
            guard isWhole, pieces.count > 0 else { return }
            guard IngotModel.Digest(bytes: hash.finalize()) == pieces.blob.descriptor.digest else { throw changed }
        }

        private var changed: RegistryError {
            RegistryError(
                .contentWrong, "the blob \(pieces.blob.descriptor.digest) in the store was changed on disk",
                remedy: "build or pull the image again; check the disk, and who may write to it")
        }
    }
}
