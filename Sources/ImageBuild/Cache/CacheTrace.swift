import IngotModel
import Synchronization

/// What one build found in the cache and put into it.
final class CacheTrace: Sendable {
    private struct State {
        var records: [CacheKey: BuildCache.StepRecord] = [:]
        var taken: Set<Digest> = []
    }

    private let state = Mutex(State())

    func note(_ key: CacheKey, _ record: BuildCache.StepRecord) { state.withLock { $0.records[key] = record } }

    /// Notes a layer that came from another machine's cache.
    func noteTaken(_ layer: Digest) { state.withLock { _ = $0.taken.insert(layer) } }

    func isTaken(_ layer: Digest) -> Bool { state.withLock { $0.taken.contains(layer) } }

    var records: [CacheKey: BuildCache.StepRecord] { state.withLock { $0.records } }
}
