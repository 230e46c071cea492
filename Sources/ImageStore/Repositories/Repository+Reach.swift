public import IngotModel

extension Repository {
    /// Whether a manifest, or what it names, or what that names, is or has a blob: without it the manifest could not be pulled whole.
    ///
    /// What says something about a manifest (`subject`) is not part of it.
    public func reaches(_ blob: Digest, from manifest: Digest) throws -> Bool {
        var waiting = [manifest]
        var seen: Set<Digest> = []
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            if next == blob { return true }
            guard let document = try self.manifest(next) else { continue }
            if document.blobs.contains(where: { $0.digest == blob }) { return true }
            waiting += document.manifests.map(\.digest)
        }
        return false
    }
}
