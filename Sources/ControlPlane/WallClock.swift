import Foundation
public import IngotModel

/// What the time is, and how to wait for a moment. Passed in, so that tests and simulations decide it.
public struct WallClock: Sendable {
    public let now: @Sendable () -> Timestamp
    /// Returns at that moment, or when the task is cancelled.
    public let sleep: @Sendable (Timestamp) async -> Void

    /// Both of the machine's clocks, for what must not last longer because one of them was set.
    let reading: @Sendable () -> ClockReading

    /// - Parameter reading: a clock that is never set, where there is one beside `now`.
    public init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Timestamp) async -> Void,
        reading: (@Sendable () -> ClockReading)? = nil
    ) {
        self.now = now
        self.sleep = sleep
        self.reading = reading ?? { ClockReading(wall: now(), sinceBoot: Milliseconds(now().millisecondsSince1970), boot: "") }
    }

    /// The machine's own clock.
    public static let system = WallClock(
        now: { systemTime() }, sleep: { moment in try? await Task.sleep(for: (moment - systemTime()).duration) },
        reading: { ClockReading(wall: systemTime(), sinceBoot: Milliseconds(milliseconds(CLOCK_BOOTTIME)), boot: boot) })

    private static func systemTime() -> Timestamp { Timestamp(millisecondsSince1970: milliseconds(CLOCK_REALTIME)) }

    private static func milliseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    /// Source: random(4), /proc/sys/kernel/random/boot_id.
    private static let boot: String = {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }()
}
