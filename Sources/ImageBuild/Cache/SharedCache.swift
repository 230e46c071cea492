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
    private enum Layers: Sendable {
        case folder(LayerCollection)
        case registry(String, RemoteLayers, any RemoteImages)
    }

    private let steps: [Digest: SharedCache.Step]
    private let layers: Layers

    /// `nil` when there is none yet, which is how every first build finds it.
    ///
    /// - Throws: `BuildError` when something else is there, or it was damaged.
    init?(_ location: CacheLocation, store: ImageStore, remote: (any RemoteImages)?) async throws {
        let document: [UInt8]
        switch location.place {
        case .folder(let folder):
            do {
                guard let collection = try store.openCollection(at: folder, type: SharedCache.mediaType) else { return nil }
                (document, layers) = (collection.document, .folder(collection))
            } catch {
                throw BuildError.cacheInvalid(location, error)
            }
        case .registry(let name):
            guard let remote else { throw BuildError.noRegistry }
            guard let found = try await remote.collection(name, type: SharedCache.mediaType) else { return nil }
            (document, layers) = (found.document, .registry(name, found, remote))
        }
        do {
            let cache = try JSONDecoder().decode(SharedCache.self, from: Data(document))
            guard cache.steps.count <= SharedCache.mostSteps else { throw BuildError.cacheInvalid(location, nil) }
            let usable = cache.version == CacheKey.version ? cache.steps : []
            steps = Dictionary(usable.map { ($0.key, $0) }) { first, _ in first }
        } catch {
            throw BuildError.cacheInvalid(location, error)
        }
    }

    /// Takes one layer into the store, checked.
    func take(_ diffID: Digest, into store: ImageStore) async throws -> Layer {
        switch layers {
        case .folder(let collection): return try store.takeLayer(diffID, from: collection)
        case .registry(let name, let found, let remote):
            guard let blob = found.blobs[diffID] else { throw BuildError.cacheInvalid(CacheLocation(.registry(name)), nil) }
            return try await remote.layer(blob, diffID: diffID, of: name, into: store)
        }
    }

    subscript(key: CacheKey) -> SharedCache.Step? { steps[key.digest] }
}

extension BuildError {
    static func cacheInvalid(_ location: CacheLocation, _ cause: (any Error)?) -> BuildError {
        BuildError(
            "cache-invalid", "\(location.place) is no build cache that can be used",
            remedy: "name the place that --cache-to wrote, or leave --cache-from away", cause: cause)
    }

    static let noRegistry = BuildError("registry-unsupported", "this builder was given no way to registries", fault: .world)
}
