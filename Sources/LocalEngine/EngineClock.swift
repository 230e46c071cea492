import Glibc
public import IngotModel

/// The engine's times, so that a test can give its own.
public struct EngineClock: Sendable {
    /// Never goes back; only differences mean something.
    public var elapsed: @Sendable () -> Duration
    public var sleep: @Sendable (Duration) async throws -> Void
    public var timestamp: @Sendable () -> Timestamp

    public init(
        elapsed: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
        timestamp: @escaping @Sendable () -> Timestamp
    ) {
        self.elapsed = elapsed
        self.sleep = sleep
        self.timestamp = timestamp
    }

    /// The machine's clocks.
    public static var system: EngineClock {
        let start = ContinuousClock.now
        return EngineClock(
            elapsed: { ContinuousClock.now - start }, sleep: { try await ContinuousClock().sleep(for: $0) },
            timestamp: Self.wallTime)
    }

    private static func wallTime() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(millisecondsSince1970: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }

    var moment: Moment { Moment(elapsed: elapsed(), timestamp: timestamp()) }
}
