import ImageStore
import IngotModel
import Synchronization
import SystemPackage

/// What the sources of one COPY take from another stage or an image, mounted only when the layer has to be made.
final class StageFiles: CopySource {
    private let layers: [Layer]
    private let name: String
    private let copy: ExpandedCopy
    private let store: ImageStore
    private let folder: FilePath
    private let view = Mutex<LayerView?>(nil)

    /// - Parameter folder: of the step; the view is mounted in it.
    init(_ layers: [Layer], name: String, _ copy: ExpandedCopy, store: ImageStore, folder: FilePath) {
        self.layers = layers
        self.name = name
        self.copy = copy
        self.store = store
        self.folder = folder
    }

    func append(to key: inout CacheKey.Builder) {
        key.append("layers")
        key.append(layers.map(\.diffID.hex))
        key.append(copy.sources.map(\.text))
    }

    func prepare() throws {
        try Files.makeFolder(folder)
        let mounted = try LayerView(layers, store: store, in: folder)
        view.withLock { $0 = mounted }
    }

    func items() throws -> [CopyItem] {
        let tree = view.withLock { $0?.tree }
        return try ImageSource(tree: tree, name: name).items(copy)
    }

    func end() {
        view.withLock { view in
            guard let mounted = view else { return }
            mounted.unmount()
            view = nil
            Files.removeTree(folder)
        }
    }
}
