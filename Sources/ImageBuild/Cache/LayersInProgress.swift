import ImageStore
import IngotModel
import Synchronization

/// The layers that a build has made and that are still being compressed while it goes on.
final class LayersInProgress: Sendable {
    private let layers = Mutex<[Digest: PendingLayer]>([:])

    /// Returns as soon as the layer can be mounted.
    func add(_ tree: FileTree, to store: ImageStore, _ compression: LayerCompression) throws -> Layer {
        let layer = try store.beginLayer(tree, compression: compression)
        layers.withLock { $0[layer.layer.diffID] = layer }
        return layer.layer
    }

    subscript(diffID: Digest) -> Layer? { layers.withLock { $0[diffID]?.layer } }

    /// Waits until all are in the store. Throws what one of them failed with.
    func finish() async throws {
        for layer in all { _ = try await layer.finished() }
    }

    /// Waits until nothing is written any more, whatever came of it.
    func settle() async {
        for layer in all { _ = try? await layer.finished() }
    }

    private var all: [PendingLayer] { layers.withLock { $0.values.sorted { $0.layer.diffID < $1.layer.diffID } } }
}
