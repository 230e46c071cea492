import ImageStore
import SystemPackage

/// An archive that is a context, as a tree. Hostile ones are refused; see `Archive`.
enum ContextArchive {
    static func tree(_ archive: FileContent, spool: FilePath) throws -> FileTree {
        guard try Archive.isArchive(archive, spool: spool) else {
            throw BuildError(
                "context-unsuitable", "the context is neither a folder nor an archive", remedy: "give a folder, or a tar archive, perhaps compressed")
        }
        var tree = FileTree()
        try Archive.forEachEntry(of: archive, spool: spool) { entry in
            guard !entry.path.isRoot else { return }
            switch entry.content {
            case .node(let node): try tree.insert(node, at: entry.path)
            case .hardLink(let target): try tree.link(target, at: entry.path)
            }
        }
        return tree
    }
}
