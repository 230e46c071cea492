import IngotModel
import Synchronization

/// Versions of secrets that were read a short time ago.
final class RecentVersions: Sendable {
    /// Longer than a deployment takes from reading a value to recording its release.
    static let time = Duration.seconds(3_600)

    private let moments = Mutex<[Digest: ContinuousClock.Instant]>([:])

    func note(_ version: Digest) {
        let now = ContinuousClock.now
        moments.withLock { moments in
            moments = moments.filter { now - $0.value < Self.time }
            moments[version] = now
        }
    }

    func contains(_ version: Digest) -> Bool {
        moments.withLock { $0[version] }.map { ContinuousClock.now - $0 < Self.time } ?? false
    }
}
