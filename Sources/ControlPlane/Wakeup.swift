/// Wakes one waiter. A wake while nobody waits is kept, and several are one, so nothing is missed and nothing piles up.
struct Wakeup: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func wake() { continuation.yield() }

    /// Returns at the next wake, or when the time has passed, or when the task is cancelled.
    func wait(atMost limit: Duration) async {
        let timer = Task {
            try await Task.sleep(for: limit)
            continuation.yield()
        }
        var iterator = stream.makeAsyncIterator()
        await iterator.next()
        timer.cancel()
    }
}
