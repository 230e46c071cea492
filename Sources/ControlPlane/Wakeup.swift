import IngotModel

/// Wakes one waiter. A wake while nobody waits is kept, and several are one, so nothing is missed and nothing piles up.
struct Wakeup: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func wake() { continuation.yield() }

    /// Returns at the next wake, or at that moment, or when the task is cancelled.
    func wait(until moment: Timestamp, by clock: WallClock) async {
        let timer = Task {
            await clock.sleep(moment)
            if !Task.isCancelled { continuation.yield() }
        }
        defer { timer.cancel() }
        var iterator = stream.makeAsyncIterator()
        await iterator.next()
    }
}
