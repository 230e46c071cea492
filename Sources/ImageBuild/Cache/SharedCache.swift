import FoundationEssentials
import ImageStore
import IngotModel

/// Results of steps as they go from machine to machine: the document of a ``LayerCollection``.
struct SharedCache: Codable, Sendable {
    static let mediaType = "application/vnd.ingot.build-cache.v1+json"
    static let mostSteps = 100_000

    struct Step: Codable, Sendable, Hashable {
        var key: Digest
        /// `nil` when the step changed nothing.
        var layer: Digest?
        var text: String
    }

    /// Keys of another version mean nothing to us.
    var version = CacheKey.version
    /// In the order of keys, so that the same results are the same bytes.
    var steps: [Step]

    init(_ records: [CacheKey: BuildCache.StepRecord]) {
        steps = records.map { Step(key: $0.key.digest, layer: $0.value.layer, text: $0.value.text) }.sorted { $0.key < $1.key }
    }
}

/// A shared cache that a build takes results from.
struct CacheSource: Sendable {
    private let steps: [Digest: SharedCache.Step]
    let collection: LayerCollection

    /// `nil` when there is none yet, which is how every first build finds it.
    ///
    /// - Throws: `BuildError` when something else is there, or it was damaged.
    init?(_ location: CacheLocation, store: ImageStore) throws(BuildError) {
        do {
            guard let collection = try store.openCollection(at: location.folder, type: SharedCache.mediaType) else { return nil }
            let cache = try JSONDecoder().decode(SharedCache.self, from: Data(collection.document))
            guard cache.steps.count <= SharedCache.mostSteps else { throw BuildError.cacheInvalid(location, nil) }
            let usable = cache.version == CacheKey.version ? cache.steps : []
            steps = Dictionary(usable.map { ($0.key, $0) }) { first, _ in first }
            self.collection = collection
        } catch {
            throw .cacheInvalid(location, error)
        }
    }

    subscript(key: CacheKey) -> SharedCache.Step? { steps[key.digest] }
}

extension BuildError {
    static func cacheInvalid(_ location: CacheLocation, _ cause: (any Error)?) -> BuildError {
        BuildError(
            "cache-invalid", "\(location.folder) is no build cache that can be used",
            remedy: "name the folder that --cache-to wrote, or leave --cache-from away", cause: cause)
    }
}
