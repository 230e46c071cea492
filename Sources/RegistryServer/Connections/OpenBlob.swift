internal import Glibc
internal import ImageStore
internal import IngotModel
internal import NIOCore

/// A blob that is open for sending. It stays readable when its name goes away, and is closed when nobody has it any more.
final class OpenBlob: Sendable {
    let descriptor: CInt
    let size: Int

    init(_ digest: Digest, of store: ImageStore) throws { (descriptor, size) = try store.openDescriptor(ofBlob: digest) }

    deinit { close(descriptor) }

    /// Reads a part. Blocks the thread.
    func read(_ range: Range<Int>) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: range.count)
        while buffer.readableBytes < range.count {
            let done = buffer.readableBytes
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count - done) { bytes in
                max(0, pread(descriptor, bytes.baseAddress, range.count - done, off_t(range.lowerBound + done)))
            }
            guard count > 0 else { throw ChannelError.eof }
        }
        return buffer
    }
}
