extension FileTree {
    /// One name of the tree.
    public struct Entry: Sendable {
        public var path: TreePath
        public var id: NodeID
        public var node: FileNode
        /// The node's first name in canonical order, when this is another one: a hard link to it.
        public var linkTarget: TreePath?
    }

    /// All names in canonical order: each folder before what is in it, names in the order of bytes. The root comes first.
    public func entries() -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(count + 1)
        var first: [NodeID: TreePath] = [:]
        // A stack instead of recursion: how deep a tree is, is decided by others.
        var pending: [(path: TreePath, id: NodeID)] = [(.root, .root)]
        while let (path, id) = pending.popLast() {
            let record = records[id.index]
            entries.append(Entry(path: path, id: id, node: record.node, linkTarget: first[id]))
            if record.names > 1, first[id] == nil { first[id] = path }
            guard !record.children.isEmpty else { continue }
            for (name, child) in children(of: id).reversed() { pending.append((path.appending(name), child)) }
        }
        return entries
    }
}
