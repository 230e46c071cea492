import Dispatch
import Glibc

/// SIGINT and SIGTERM for commands that have something to clean up.
enum Interrupts {
    /// As a shell says it: 128 and the number of SIGINT.
    static let exitCode: CInt = 130

    /// Runs a command; the first signal cancels its task, a second one ends the process at once.
    static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let work = Task { try await body() }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if work.isCancelled { _exit(exitCode) }
                work.cancel()
            }
            source.activate()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        let result = await work.result
        // Whatever a cancelled task failed with, it failed because it was interrupted.
        if work.isCancelled { throw CancellationError() }
        try result.get()
    }
}
