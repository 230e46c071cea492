import ContainerRuntime
import ImageStore
import IngotModel

/// Makes the layer of a WORKDIR: the folder, where it is missing. One that exists is left as it is.
enum FolderLayer {
    /// An empty tree when there is nothing to make.
    static func tree(_ parts: [String], user: String?, date: SourceDate, parent: MountedTree?, at location: SourceLocation) throws -> FileTree {
        let modified = FileTime(seconds: Int64(date.second))
        let found = try resolve(parts, in: parent, at: location)
        if let last = found.last {
            guard last.isFolder else { throw BuildError("not-a-folder", at: location, "/\(parts.joined(separator: "/")) is a file, not a folder") }
            return FileTree()
        }
        guard !found.parts.isEmpty else { return FileTree() }
        guard let process = try UserDatabase(parent).process(user) else {
            throw BuildError("user-missing", at: location, "the image has no user or group for '\(user ?? "")'")
        }
        var folders = found.folders
        if folders.isEmpty { folders = [.implicitFolder] }
        folders[folders.count - 1].modified = modified
        var tree = FileTree(root: folders[0])
        for (count, metadata) in folders.enumerated().dropFirst() {
            try tree.insert(.folder(metadata), at: TreePath(found.parts.prefix(count).joined(separator: "/")))
        }
        let new = FileMetadata(mode: 0o755, userID: process.user.uid, groupID: process.user.gid, modified: modified)
        try tree.insert(.folder(new), at: TreePath(found.parts.joined(separator: "/")), parents: new)
        return tree
    }

    private static func resolve(_ parts: [String], in parent: MountedTree?, at location: SourceLocation) throws(BuildError) -> MountedTree.Resolution
    {
        guard let parent else { return MountedTree.Resolution(parts: parts) }
        do {
            return try parent.resolve(parts)
        } catch  where error.fault == .user {
            throw BuildError(String(error.code.dropFirst("build.".count)), at: location, error.message)
        }
    }
}
