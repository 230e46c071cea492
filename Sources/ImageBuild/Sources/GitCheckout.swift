import ImageStore
import SystemPackage

/// The files of a repository that was checked out.
enum GitCheckout {
    /// Git knows of a file's mode only whether it is a program. Owners are not known at all.
    ///
    /// - Returns: `nil` when there is no such folder; a link is none.
    static func tree(_ folder: FilePath, below path: String?, keepsGitFolder: Bool) throws -> FileTree? {
        var whole = try FileTree(upperFolder: folder)
        for entry in whole.entries() where !entry.node.isSymbolicLink {
            let isProgram = entry.node.isFolder || entry.node.metadata.mode & 0o100 != 0
            whole.update(entry.id) { $0 = FileMetadata(mode: isProgram ? 0o755 : 0o644) }
        }
        if !keepsGitFolder {
            for entry in whole.entries().reversed() where entry.path.name?.description == ".git" { whole.remove(entry.path) }
        }
        return try whole.subtree(at: TreePath(RelativePath.clean(path ?? "")))
    }
}
