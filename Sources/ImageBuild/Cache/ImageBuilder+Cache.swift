import Glibc
public import ImageStore
import IngotModel
import SystemPackage

extension ImageBuilder {
    /// The caches of others that can be read. A registry that cannot be reached costs time, and no build.
    func cacheSources(of request: BuildRequest, _ progress: @Sendable (BuildEvent) -> Void) async throws -> [CacheSource] {
        var sources: [CacheSource] = []
        for location in request.cacheSources {
            do {
                if let source = try await CacheSource(location, store: store, remote: remote) { sources.append(source) }
            } catch let error as any ExplainedError where !(error is BuildError) && error.fault == .world {
                progress(.note("the cache \(location.place) is left out: \(error.message)"))
            }
        }
        return sources
    }

    /// Leaves the results of a build for other machines.
    func export(_ cache: BuildCache, to target: CacheLocation, images: [Image], _ progress: @Sendable (BuildEvent) -> Void) async throws {
        let (layers, document) = try cache.shared(target.extent, images: images)
        switch target.place {
        case .folder(let folder): try store.exportCollection(layers, document: document, type: SharedCache.mediaType, to: folder)
        case .registry(let name):
            guard let remote else { throw BuildError.noRegistry }
            progress(.note("leaving the cache in \(name)"))
            try await remote.pushCollection(layers, document: document, type: SharedCache.mediaType, to: name, from: store)
        }
    }

    /// What of earlier builds is kept only for later ones, the least recently used first.
    public func cachedLayers() throws -> [RetainedLayer] { try store.retainedLayers() }

    /// Removes results of builds beyond a limit, the least recently used first. Layers that an image has stay in the store.
    ///
    /// - Parameter isDryRun: only says what would be removed.
    /// - Throws: `StoreError` `busy`, and changes nothing, while a build or an import runs.
    @discardableResult
    public func pruneCache(_ policy: BuildCachePolicy, isDryRun: Bool = false) throws -> BuildCachePruning {
        let now = ContextIndex.now() / 1_000_000_000
        let excess = policy.excess(of: try store.retainedLayers(), nowSecond: Int(now))
        let size = ByteSize(excess.filter { !$0.isInImage }.reduce(0) { $0 + $1.size.bytes })
        guard !isDryRun, !excess.isEmpty else { return BuildCachePruning(layers: excess, freed: size) }
        return BuildCachePruning(layers: excess, freed: try store.discard(layers: Set(excess.map(\.diffID))))
    }

    /// Prunes by the builder's own policy, after a build and once an hour at most: looking takes time that grows with the
    /// store. While another build runs nothing is done; the next one does it.
    func pruneCacheWhenDue() {
        let mark = folder.appending("cache").appending("pruned")
        var status = stat()
        let isMarked = stat(mark.string, &status) == 0
        if isMarked, ContextIndex.now() - FileIdentity.nanoseconds(status.st_mtim) < Self.pruningInterval { return }
        guard (try? pruneCache(cachePolicy)) != nil else { return }
        try? Files.write([], to: mark)
    }

    /// In nanoseconds.
    private static let pruningInterval: Int64 = 3_600_000_000_000
}
