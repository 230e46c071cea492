import Glibc
import ImageStore
import SystemPackage

/// The layers of a stage, mounted: as the lower layers of an overlay, and as one tree to look things up in.
struct LayerView {
    /// Lowest first, the layer of mount points before all.
    let lower: [FilePath]
    /// Without the mount points; `nil` when there are no layers.
    let tree: MountedTree?
    private let overlay: OverlayMount?
    /// What is mounted for this view alone.
    private let own: FilePath?

    /// - Parameter folder: of the step; the view is mounted in it where one layer is not all.
    init(_ layers: [Layer], store: ImageStore, in folder: FilePath) throws {
        lower = try store.mountLayers(layers)
        own = nil
        let paths = layers.isEmpty ? [] : Array(lower.dropFirst())
        guard paths.count > 1 else {
            overlay = nil
            tree = try paths.first.map { path throws(BuildError) in try MountedTree(path) }
            return
        }
        let path = folder.appending("view")
        try Files.makeFolder(path)
        overlay = try OverlayMount(paths, upper: nil, at: path)
        tree = try MountedTree(path)
    }

    /// A tree that is no layer, mounted in the folder; it has no layer of mount points, so its first lower one is itself.
    init(of tree: FileTree, store: ImageStore, in folder: FilePath) throws {
        let point = folder.appending("tree")
        try Files.makeFolder(point)
        try store.mountTree(tree, as: folder.appending("tree.erofs"), at: point)
        lower = [point, point]
        self.tree = try MountedTree(point)
        overlay = nil
        own = point
    }

    func unmount() {
        overlay?.unmount()
        if let own { umount2(own.string, MNT_DETACH.number) }
    }
}
