import Dispatch
import Synchronization

/// Work on a thread of its own, which the caller waits for when it has nothing else to do.
final class Background<Success: Sendable>: Sendable {
    private let isDone = DispatchSemaphore(value: 0)
    private let result: Mutex<Result<Success, any Error>?> = Mutex(nil)

    init(_ work: @escaping @Sendable () throws -> Success) {
        DispatchQueue.global(qos: .userInteractive).async { [self] in
            let outcome = Result { try work() }
            result.withLock { $0 = outcome }
            isDone.signal()
        }
    }

    /// Blocks until the work has ended. May be called once.
    func wait() throws -> Success {
        isDone.wait()
        guard let outcome = result.withLock({ $0 }) else { preconditionFailure("work that has ended has a result") }
        return try outcome.get()
    }
}
