internal import ImageStore
internal import IngotModel
internal import Synchronization

/// What manifests are made of, each read and hashed once: whoever deletes one blob must know it of every version of its repository.
final class ReachMemory: Sendable {
    /// How many digests are remembered before all of them are forgotten: a few megabytes.
    static let most = 100_000

    private let most: Int
    private let known = Mutex(Known())

    private struct Known {
        var digests: [Digest: Set<Digest>] = [:]
        var count = 0
    }

    init(most: Int = ReachMemory.most) { self.most = most }

    /// - Parameter read: finds out what is not known. What it returns is remembered only if it is whole.
    func digests(of manifest: Digest, read: (Digest) throws -> ManifestReach) throws -> Set<Digest> {
        if let digests = known.withLock({ $0.digests[manifest] }) { return digests }
        let reach = try read(manifest)
        guard reach.isWhole, reach.digests.count <= most else { return reach.digests }
        known.withLock { known in
            if known.count + reach.digests.count > most { known = Known() }
            if known.digests.updateValue(reach.digests, forKey: manifest) == nil { known.count += reach.digests.count }
        }
        return reach.digests
    }
}
