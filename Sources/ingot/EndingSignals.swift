import Dispatch
import Glibc
import Synchronization

/// The signals that would end this process: they end its command instead, which is then waited for.
final class EndingSignals: Sendable {
    private struct State {
        var command: pid_t?
        var waiter: CheckedContinuation<Void, Never>?
        var cancel: (@Sendable () -> Void)?
        var hasEnded = false
    }
    private let state = Mutex(State())

    /// Watches them for as long as the body runs.
    static func watched(_ body: (EndingSignals) async throws -> Void) async throws {
        let signals = EndingSignals()
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { signals.came(number) }
            source.activate()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        try await body(signals)
    }

    /// Runs something that a signal cancels.
    func cancelling<Answer: Sendable>(_ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        let task = Task { try await body() }
        state.withLock { $0.cancel = { task.cancel() } }
        defer { state.withLock { $0.cancel = nil } }
        return try await task.value
    }

    func pass(to command: pid_t?) {
        let isLate = state.withLock { state in
            state.command = command
            return state.hasEnded
        }
        if isLate, let command { kill(command, SIGTERM) }
    }

    /// Returns at the first signal.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isLate = state.withLock { state in
                if !state.hasEnded { state.waiter = continuation }
                return state.hasEnded
            }
            if isLate { continuation.resume() }
        }
    }

    /// As a SIGTERM would: the lock is lost.
    func end() { came(SIGTERM) }

    private func came(_ number: CInt) {
        let (command, waiter, cancel) = state.withLock { state in
            defer {
                state.hasEnded = true
                state.waiter = nil
            }
            return (state.command, state.waiter, state.cancel)
        }
        waiter?.resume()
        cancel?()
        // A terminal gives Ctrl-C to the command too.
        if let command, number != SIGINT || isatty(STDIN_FILENO) == 0 { kill(command, number) }
    }
}
