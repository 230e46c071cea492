public import IngotModel

/// What a manifest is made of: without any of it, it could not be pulled whole.
public struct ManifestReach: Hashable, Sendable {
    /// Its own digest, those of the manifests that it names, and of all their blobs.
    public var digests: Set<Digest> = []
    /// Whether all of those manifests are here. If so it is the same for ever, since what has a digest never changes.
    public var isWhole = true

    public init(digests: Set<Digest> = [], isWhole: Bool = true) {
        self.digests = digests
        self.isWhole = isWhole
    }
}

extension Repository {
    /// What says something about a manifest (`subject`) is not part of it.
    public func reach(of manifest: Digest) throws -> ManifestReach {
        var reach = ManifestReach()
        var waiting = [manifest]
        while let next = waiting.popLast() {
            guard reach.digests.insert(next).inserted else { continue }
            guard let document = try self.manifest(next) else {
                reach.isWhole = false
                continue
            }
            reach.digests.formUnion(document.blobs.map(\.digest))
            waiting += document.manifests.map(\.digest)
        }
        return reach
    }
}
