internal import CLinux
internal import Glibc
internal import IngotModel
public import SystemPackage

extension ImageStore {
    /// How many layers an image can have: what one overlay takes, less the layer of mount points.
    public static let layerLimit = Int(CLINUX_OVERLAY_LAYERS) - 1

    /// Mounts a layer, read-only, without devices and setuid of its own mount (an overlay above sets its own).
    /// Returns where. Idempotent, also among processes. A layer's mount stays until it is not used and unmounted.
    ///
    /// Throws `layerMissing`, `erofsMissing` when the kernel has no EROFS, `mountFailed`.
    public func mount(_ layer: Layer) throws -> FilePath {
        // Before its file is looked for: each step of a build asks this of each layer below it.
        if let point = mounts.mounted(layer.diffID.short) { return point }
        let file = erofsPath(of: layer.diffID)
        guard Files.exists(file) else { throw StoreError.layerMissing(layer.diffID) }
        return try mounts.mount(file, as: layer.diffID.short)
    }

    /// Mounts all layers of an image and returns their folders, lowest first, as the lower layers of an overlay.
    /// There are at least two: the first is the layer of mount points.
    ///
    /// - Parameter folders: absolute paths that must exist in the root besides, such as writable ones.
    public func mountLayers(of image: Image, folders: [String] = []) throws -> [FilePath] {
        try mountLayers(image.layers, folders: folders)
    }

    /// As above, of layers that are no image yet.
    public func mountLayers(_ layers: [Layer], folders: [String] = []) throws -> [FilePath] {
        var paths = [try mountPoints(folders)]
        for layer in Self.withoutRepeats(layers) {
            let path = try mount(layer)
            // Overlay takes no notice of a root that hides all below it, so what it hides is left out here.
            if try ExtendedAttributes.names(at: PlatformPath(path)).contains(ExtendedAttributes.opaque) { paths.removeSubrange(1...) }
            paths.append(path)
        }
        if paths.count == 1 { paths.append(try mountPoints(["/.empty"])) }
        return paths
    }

    /// A layer that comes again further up shows everything that it shows below, and overlay refuses one folder twice.
    static func withoutRepeats(_ layers: [Layer]) -> [Layer] {
        var seen: Set<Digest> = []
        return layers.reversed().filter { seen.insert($0.diffID).inserted }.reversed()
    }

    /// The layer of mount points, made when it is first needed.
    private func mountPoints(_ folders: [String]) throws -> FilePath {
        let extra = try folders.map { try TreePath.inImage($0.utf8) }
        let name = MountPointLayer.name(extra: extra)
        let path = folder.appending("erofs").appending("\(name).erofs")
        if !Files.exists(path) {
            try withSharedLock {
                let file = try TemporaryFile(in: blobs.temporary)
                _ = try LayerWriter.writeErofs(MountPointLayer.tree(extra: extra), to: file)
                try file.commit(as: path)
            }
        }
        return try mounts.mount(path, as: name)
    }

    /// Unmounts layers that no process uses. That one is used is no error. An overlay made of a layer holds on to it by
    /// itself and goes on, whatever is unmounted here.
    /// Nothing is unmounted while somebody holds the store: what was mounted for a start may not be used yet.
    public func unmountUnused() throws {
        guard let lock = try StoreLock.tryExclusive(lockPath) else { return }
        defer { withExtendedLifetime(lock) {} }
        for name in try mounts.names() { _ = try mounts.unmount(name) }
    }

    /// Unmounts all layers. Throws `busy` when processes still use some.
    public func unmountAll() throws {
        let busy = try mounts.names().filter { try !mounts.unmount($0) }
        guard busy.isEmpty else {
            throw StoreError(.busy, "\(busy.count) layers are still used, such as \(busy[0])", remedy: "end the instances and builds that use them")
        }
    }
}
