internal import Foundation
internal import Synchronization

/// Carries blocks to a thread that compresses them, so that compressing does not wait for reading or reading for it.
///
/// A fixed number of blocks goes round, which bounds the memory: who fills waits for a block that was emptied.
final class BackgroundBlocks: Sendable {
    /// One block on its way. Only its holder touches it: first who fills it, then the thread.
    struct Block: @unchecked Sendable {
        let buffer: ChunkBuffer
        var filled = 0
        var isLast = false
    }

    private struct State {
        var free: [Block]
        var full: [Block] = []
        var failure: (any Error)?
        var isEnded = false
    }

    static let count = 4

    private let condition = NSCondition()
    private let state: Mutex<State>

    init() { state = Mutex(State(free: (0..<Self.count).map { _ in Block(buffer: ChunkBuffer()) })) }

    /// Waits for an empty block. Throws what the thread ended with.
    func take() throws -> Block {
        let block: Block? = try wait { state in
            if let failure = state.failure { throw failure }
            return state.free.popLast()
        }
        guard let block else { throw StoreError(.systemCallFailed, "the compression of a layer ended early") }
        return block
    }

    func put(_ block: Block) { change { $0.full.append(block) } }

    /// Takes no more blocks, and waits until the thread has done with all of them.
    func finish() throws {
        _ = try wait { state -> Bool? in
            if let failure = state.failure { throw failure }
            return state.isEnded ? true : nil
        }
    }

    /// Begins the thread. It ends with the last block, with an error, or when nobody will put another.
    func run(_ body: sending @escaping (Block) throws -> Void) {
        let job = Job(body: body)
        Thread.detachNewThread { [self] in
            do {
                while let block = try next() {
                    try job.body(block)
                    change { $0.free.append(Block(buffer: block.buffer)) }
                    if block.isLast { break }
                }
                change { $0.isEnded = true }
            } catch {
                change { $0.failure = error; $0.isEnded = true }
            }
        }
    }

    /// Ends the thread where it waits, when the layer is given up.
    func cancel() { change { $0.isEnded = true } }

    private struct Job: @unchecked Sendable { let body: (Block) throws -> Void }

    private func next() throws -> Block? {
        try wait { state -> Block?? in
            if !state.full.isEmpty { return .some(state.full.removeFirst()) }
            return state.isEnded ? .some(nil) : nil
        } ?? nil
    }

    private func wait<Value>(_ ready: (inout State) throws -> Value?) throws -> Value? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value = try state.withLock({ try ready(&$0) }) { return value }
            condition.wait()
        }
    }

    private func change(_ body: (inout State) -> Void) {
        condition.lock()
        state.withLock { body(&$0) }
        condition.broadcast()
        condition.unlock()
    }
}
