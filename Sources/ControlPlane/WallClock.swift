import Glibc
public import IngotModel

/// What the time is, and how to wait for a moment. Passed in, so that tests and simulations decide it.
public struct WallClock: Sendable {
    public let now: @Sendable () -> Timestamp
    /// Returns at that moment, or when the task is cancelled.
    public let sleep: @Sendable (Timestamp) async -> Void

    public init(now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Timestamp) async -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's own clock.
    public static let system = WallClock(now: { systemTime() }) { moment in
        try? await Task.sleep(for: (moment - systemTime()).duration)
    }

    private static func systemTime() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(millisecondsSince1970: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }
}
