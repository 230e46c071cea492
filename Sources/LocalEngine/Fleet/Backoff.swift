import IngotModel

/// How long replacing instances is put off while they keep ending.
///
/// The first replacement comes at once: one death is noise. Each one that dies in its turn makes the pause longer,
/// 1 s, 2 s, 4 s, up to 30 s. Several that die together count once, because they were all started under the same pause.
/// An instance that has lived for `stableAfter` shows that the fleet is well, and the pause begins from nothing.
struct Backoff: Hashable, Sendable {
    static let longest = Duration.seconds(30)
    static let stableAfter = Duration.seconds(60)

    /// Goes up with each pause; an instance remembers in which round it was started.
    private(set) var round = 0
    private(set) var steps = 0
    /// No instance is started before this time.
    private(set) var notBefore = Duration.zero

    /// An instance of `round`, which had run for `life`, has ended by itself, or could not be started.
    mutating func instanceFailed(round failed: Int, life: Duration, now: Duration) {
        if life >= Self.stableAfter { steps = 0 }
        guard failed == round else { return }
        round += 1
        steps += 1
        notBefore = now + Self.pause(afterSteps: steps)
    }

    func isOver(_ now: Duration) -> Bool { now >= notBefore }

    static func pause(afterSteps steps: Int) -> Duration {
        guard steps > 1 else { return .zero }
        return min(longest, .seconds(1 << min(steps - 2, 5)))
    }
}
