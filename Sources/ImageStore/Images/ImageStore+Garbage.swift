internal import Glibc
public import IngotModel
internal import SystemPackage

extension ImageStore {
    /// Removes what no tag, no pinned digest and no repository of the registry reaches: images, layers, blobs. Layers that are retained stay.
    /// The tags that each build gives keep nothing, and go with their image: every commit would be kept for ever.
    ///
    /// A pinned digest is an image's, a layer's (its diffID) or a blob's. A layer that a process reads through its mount
    /// stays, too; an overlay made of a removed layer keeps it until the overlay ends, and its space is free only then.
    /// Throws `busy` when somebody is writing: collect another time.
    public func collectGarbage(pinned: Set<Digest>) throws -> (removedBlobs: Int, freed: ByteSize) {
        guard let lock = try StoreLock.tryExclusive(lockPath) else {
            throw StoreError(.busy, "the store is being written to", remedy: "collect garbage when no build or import runs")
        }
        defer { withExtendedLifetime(lock) {} }
        var freed = 0
        let tags = try tags()
        let kept = try reachable(from: pinned.union(tags.filter { TagPolicy.kind(of: $0.key) != .build }.values))
        for (name, digest) in tags where !kept.images.contains(digest) { try untag(name) }
        for digest in try imageDigests() where !kept.images.contains(digest) { try Files.remove(imagePath(digest)) }
        for digest in try indexDigests() where !kept.images.contains(digest) { try Files.remove(indexPath(digest)) }
        try removeReferrers(except: kept.images)
        let layers = try removeLayers(except: kept.layers.union(retainedLayers().map(\.diffID)), &freed)
        try removeNotes()
        var removed = 0
        let blobsInUse = try kept.blobs.union(layers).union(blobsOfRepositories(kept: kept.blobs))
        for digest in try blobs.all() where !blobsInUse.contains(digest) {
            freed += try blobs.size(of: digest)
            try blobs.remove(digest)
            removed += 1
        }
        return (removed, ByteSize(freed))
    }

    private struct Reachable {
        var images: Set<Digest> = []
        var layers: Set<Digest> = []
        var blobs: Set<Digest> = []
    }

    /// An image that cannot be read keeps what can be read of it; its error is for those who use it.
    private func reachable(from named: Set<Digest>) throws -> Reachable {
        let roots = try named.union(named.flatMap { try imageDigests(below: $0) })
        var reachable = Reachable(images: roots, layers: roots, blobs: roots)
        for root in roots where Files.exists(imagePath(root)) {
            try reachable.blobs.formUnion(referrers(of: root).flatMap { [$0.digest, $0.manifest.config.digest] + $0.manifest.layers.map(\.digest) })
            guard let (manifest, configuration) = try? documents(of: root) else { continue }
            reachable.blobs.insert(manifest.config.digest)
            reachable.blobs.formUnion(manifest.layers.map(\.digest))
            reachable.layers.formUnion(configuration.rootfs.diffIDs)
        }
        return reachable
    }

    /// Removes layers that are not kept and not used. Returns the blobs of those that stay.
    private func removeLayers(except kept: Set<Digest>, _ freed: inout Int) throws -> Set<Digest> {
        var blobs: Set<Digest> = []
        for file in try Files.names(in: folder.appending("layers")) where file.hasSuffix(".json") {
            guard let diffID = Digest(hex: file.dropLast(5)) else { continue }
            if try kept.contains(diffID) || !mounts.unmount(diffID.short) {
                if let record = try record(of: diffID) { blobs.formUnion(record.blobs.map(\.digest)) }
            } else {
                try Files.remove(recordPath(of: diffID))
            }
        }
        // Files whose record is gone, or never came: the writer was killed between the two.
        for file in try Files.names(in: folder.appending("erofs")) where file.hasSuffix(".erofs") {
            guard let diffID = Digest(hex: file.dropLast(6)), !Files.exists(recordPath(of: diffID)) else { continue }
            freed += try OpenFile(erofsPath(of: diffID), O_RDONLY).size()
            try Files.remove(erofsPath(of: diffID))
        }
        return blobs
    }
}
