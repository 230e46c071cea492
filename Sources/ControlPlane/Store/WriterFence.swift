import GRDB
import Synchronization

/// Keeps a daemon from writing that was taken over while it stood still.
///
/// The root's lock dies with its process, but it does not reach a machine that shares the folder, or that was suspended and goes on. So each
/// daemon takes the next token when it starts, and every transaction of its own looks whether that is still the newest.
final class WriterFence: Sendable {
    private let token = Mutex<Int?>(nil)
    private let overtaken: AsyncStream<ControlError>
    private let continuation: AsyncStream<ControlError>.Continuation

    init() { (overtaken, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Becomes the newest, in a transaction of the caller.
    func take(_ database: Database) throws {
        let next = try Self.newest(database) + 1
        try database.execute(sql: "UPDATE writer SET token = ? WHERE only = 1", arguments: [next])
        token.withLock { $0 = next }
    }

    /// - Throws: `control.taken-over` when a newer daemon has started. Nobody who has taken no token is held back: there is no daemon then.
    func check(_ database: Database) throws {
        guard let own = token.withLock({ $0 }) else { return }
        let newest = try Self.newest(database)
        guard newest == own else {
            let error = ControlError.takenOver(own: own, newest: newest)
            continuation.yield(error)
            throw error
        }
    }

    /// Returns why this daemon must end, once it must; `nil` when the task is cancelled.
    func whenOvertaken() async -> ControlError? {
        var iterator = overtaken.makeAsyncIterator()
        return await iterator.next()
    }

    private static func newest(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT token FROM writer WHERE only = 1") ?? 0
    }
}

extension ControlStore {
    /// Takes the database over: whoever opened it before writes no more.
    func takeOver() async throws {
        let fence = fence
        try await write { database in
            try fence.take(database)
            return ((), [])
        }
    }
}

extension ControlError {
    static func takenOver(own: Int, newest: Int) -> ControlError {
        .system(
            "taken-over", "another daemon has taken this root over: it has token \(newest), this one \(own)",
            remedy: "this daemon ends and has written nothing since; look for the other one, and let only one run on a root")
    }
}
