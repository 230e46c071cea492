import Glibc
public import IngotModel

/// What the time is. Passed in, so that tests and simulations decide it.
public typealias WallClock = @Sendable () -> Timestamp

/// The machine's own clock.
public let systemClock: WallClock = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(millisecondsSince1970: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
}
