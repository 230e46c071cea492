internal import Dispatch
internal import Synchronization

/// Does something with blocks, one after the other, on a thread beside the one that makes them: compressing does not
/// wait for reading, nor reading for it. A few blocks may be on their way, which bounds the memory.
final class BackgroundBlocks: Sendable {
    /// A block belongs to whoever holds it: first who fills it, then the work, and then nobody.
    private struct Block: @unchecked Sendable {
        let buffer: ChunkBuffer
        let count: Int
        let isLast: Bool
    }

    private struct Work: @unchecked Sendable {
        let body: (UnsafeRawBufferPointer, Bool) throws -> Void
    }

    /// Of 1 MiB: so far may the archive be ahead of its compression.
    static let limit = 24

    private let queue = DispatchQueue(label: "ingot.layer.compression")
    private let permits = DispatchSemaphore(value: limit)
    private let failure = Mutex<(any Error)?>(nil)
    private let work: Work

    /// - Parameter body: called with each block in order, and whether it is the last; never twice at once.
    init(_ body: @escaping (UnsafeRawBufferPointer, Bool) throws -> Void) { work = Work(body: body) }

    /// Gives a block away. Waits while too many are on their way; throws what an earlier one failed with.
    func submit(_ buffer: ChunkBuffer, count: Int, isLast: Bool) throws {
        try check()
        permits.wait()
        let block = Block(buffer: buffer, count: count, isLast: isLast)
        queue.async { [self] in
            defer { permits.signal() }
            guard failure.withLock({ $0 == nil }) else { return }
            do { try work.body(UnsafeRawBufferPointer(rebasing: block.buffer.bytes[..<block.count]), block.isLast) } catch {
                failure.withLock { $0 = error }
            }
        }
    }

    /// Waits until all is done.
    func finish() throws {
        queue.sync {}
        try check()
    }

    private func check() throws {
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
