public import IngotModel
import Synchronization

/// A wall clock that stands still until it is moved by hand.
public final class SimulatedClock: Sendable {
    private struct Sleeper {
        var until: Timestamp
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Timestamp
        var sleepers: [Int: Sleeper] = [:]
        var nextSleeper = 0
    }

    private let state: Mutex<State>

    /// Begins on 2026-01-01 unless told otherwise.
    public init(now: Timestamp = Timestamp(secondsSince1970: 1_767_225_600)) {
        state = Mutex(State(now: now))
    }

    public var now: Timestamp { state.withLock { $0.now } }

    /// Moves the clock and wakes whoever slept until a moment that is now past. A negative length sets it back.
    public func advance(by length: Milliseconds) {
        let woken = state.withLock { state in
            state.now = state.now + length
            let now = state.now
            let due = state.sleepers.filter { $0.value.until <= now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.sorted { $0.until < $1.until }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Returns once the clock has been moved to `until`, or at once when the task is cancelled.
    public func sleep(until: Timestamp) async {
        let key = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    guard state.now < until, !Task.isCancelled else { return true }
                    state.sleepers[key] = Sleeper(until: until, continuation: continuation)
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: key) }?.continuation.resume()
        }
    }
}
