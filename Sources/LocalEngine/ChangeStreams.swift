import IngotModel
import Synchronization

/// Tells any number of listeners in which environments something has changed. What a listener has not taken yet is merged.
final class ChangeStreams: Sendable {
    /// The streams own them: a listener is gone with its stream.
    private struct WeakListener {
        weak var listener: Listener?
    }
    private let listeners = Mutex<[WeakListener]>([])

    func announce(_ environment: EnvironmentID) { living().forEach { $0.add(environment) } }

    func stream() -> AsyncStream<EnvironmentID> {
        let listener = Listener()
        listeners.withLock { $0.append(WeakListener(listener: listener)) }
        return AsyncStream {
            await listener.next()
        } onCancel: {
            listener.finish()
        }
    }

    /// Ends all streams.
    func finish() { living().forEach { $0.finish() } }

    private func living() -> [Listener] {
        listeners.withLock { listeners in
            listeners.removeAll { $0.listener == nil }
            return listeners.compactMap(\.listener)
        }
    }

    /// One listener: what it has not taken yet, and itself while it waits.
    private final class Listener: Sendable {
        private struct State {
            var pending: Set<EnvironmentID> = []
            var waiting: CheckedContinuation<EnvironmentID?, Never>?
            var isFinished = false
        }
        private let state = Mutex(State())

        func add(_ environment: EnvironmentID) {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                if state.waiting == nil, !state.isFinished { state.pending.insert(environment) }
                return state.waiting
            }
            waiting?.resume(returning: environment)
        }

        func finish() {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                state.isFinished = true
                return state.waiting
            }
            waiting?.resume(returning: nil)
        }

        func next() async -> EnvironmentID? {
            await withCheckedContinuation { continuation in
                let answer: EnvironmentID?? = state.withLock { state in
                    if let pending = state.pending.popFirst() { return .some(pending) }
                    if state.isFinished { return .some(nil) }
                    state.waiting = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        }
    }
}
