internal import Glibc
public import IngotModel
public import SystemPackage

extension ImageStore {
    /// All files of an image as one tree: its layers put on each other. Content is read from the layers' mounts when it
    /// is needed.
    public func files(of image: Image) throws -> FileTree {
        var tree = FileTree()
        for layer in image.layers { try tree.apply(layer: files(of: layer)) }
        return tree
    }

    /// The files of one layer, whiteouts and opaque marks among them.
    public func files(of layer: Layer) throws -> FileTree { try FileTree(upperFolder: mount(layer)) }

    /// Writes the files of an image as one archive: owners, devices and attributes as the image has them. The same
    /// image gives the same bytes.
    public func exportRootArchive(_ image: Digest, to target: ArchiveTarget) throws {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let tree = try files(of: self.image(image))
        try target.write { sink in
            let writer = TarWriter(sink)
            for entry in tree.entries() {
                for header in try TarEntry.headers(of: entry) { try writer.append(header) }
                if entry.linkTarget == nil, let content = entry.node.content { try writer.add(content) }
            }
            try writer.end()
        }
    }

    /// Writes the files of an image into a folder, which is made where it is missing; files of the same name are replaced.
    ///
    /// They belong to whoever writes them and have no setuid, setgid or attributes; devices and pipes are left out: an
    /// image must not bring programs with rights, or devices, onto the host. Below the folder no link is followed.
    ///
    /// - Returns: how many files were left out.
    @discardableResult
    public func exportFiles(_ image: Digest, to folder: FilePath) throws -> Int {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let tree = try files(of: self.image(image))
        try Files.makeFolder(folder, mode: 0o755)
        var writer = FileWriter(tree, below: try OpenFile(folder, O_RDONLY | O_DIRECTORY))
        try writer.write()
        return writer.leftOut
    }
}
