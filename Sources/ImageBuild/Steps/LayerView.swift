import ImageStore
import SystemPackage

/// The layers of a stage, mounted: as the lower layers of an overlay, and as one tree to look things up in.
struct LayerView {
    /// Lowest first, the layer of mount points before all.
    let lower: [FilePath]
    /// Without the mount points; `nil` when there are no layers.
    let tree: MountedTree?
    private let overlay: OverlayMount?

    /// - Parameter folder: of the step; the view is mounted in it where one layer is not all.
    init(_ layers: [Layer], store: ImageStore, in folder: FilePath) throws {
        lower = try store.mountLayers(layers)
        let own = layers.isEmpty ? [] : Array(lower.dropFirst())
        guard own.count > 1 else {
            overlay = nil
            tree = try own.first.map { path throws(BuildError) in try MountedTree(path) }
            return
        }
        let path = folder.appending("view")
        try Files.makeFolder(path)
        overlay = try OverlayMount(own, upper: nil, at: path)
        tree = try MountedTree(path)
    }

    func unmount() { overlay?.unmount() }
}
