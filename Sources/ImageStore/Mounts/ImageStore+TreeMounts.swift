internal import Glibc
public import SystemPackage

extension ImageStore {
    /// Mounts a tree that is no layer, read-only, for a short time: what a build step reads from and no image keeps.
    ///
    /// Nothing of it is in the store afterwards: the file and the mount are the caller's, who unmounts and removes them.
    ///
    /// - Parameters:
    ///   - file: where its mountable form is written.
    ///   - point: an empty folder on the same file system.
    public func mountTree(_ tree: FileTree, as file: FilePath, at point: FilePath) throws {
        let temporary = try TemporaryFile(in: file.removingLastComponent())
        _ = try LayerWriter.writeErofs(tree, to: temporary)
        let code = temporary.file.path.withPlatformString { from in file.withPlatformString { link(from, $0) } }
        guard code == 0 else { throw StoreError.system("link", file, .last) }
        try mounts.mountFile(file, at: point)
    }
}
