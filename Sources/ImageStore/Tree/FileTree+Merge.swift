extension FileTree {
    /// The part of the tree below a path, as a tree of its own. `nil` when there is no folder.
    public func subtree(at path: TreePath) throws -> FileTree? {
        guard let id = find(path), self[id].isFolder else { return nil }
        var result = FileTree(root: self[id].metadata, limits: limits)
        try result.copy(from: self, id, to: .root)
        return result
    }

    /// Puts another tree's content below a path, as a copy onto what is there: folders are merged, the rest replaced.
    /// Whiteouts and opaque marks of the other tree stay marks.
    public mutating func insert(contentsOf other: FileTree, at path: TreePath, parents: FileMetadata = .implicitFolder) throws {
        if !path.isRoot, node(at: path)?.isFolder != true { try insert(.folder(other[.root].metadata), at: path, parents: parents) }
        try copy(from: other, .root, to: path)
    }

    /// What is seen when another layer lies on this one: its whiteouts remove, its opaque folders replace.
    ///
    /// Source: OCI Image Specification 1.1, Image Layer Filesystem Changeset, "Applying Changesets".
    public mutating func apply(layer: FileTree) throws {
        var names: [NodeID: TreePath] = [:]
        for entry in layer.entries() {
            if entry.node.isWhiteout {
                remove(entry.path)
            } else if let target = names[entry.id] {
                try link(target, at: entry.path)
            } else {
                try apply(entry)
                if !entry.node.isFolder { names[entry.id] = entry.path }
            }
        }
    }

    private mutating func apply(_ entry: Entry) throws {
        var node = entry.node
        if node.isFolder {
            if node.isOpaque, !entry.path.isRoot { remove(entry.path) }
            node.kind = .folder(isOpaque: false)
        } else {
            remove(entry.path)
        }
        try insert(node, at: entry.path)
    }

    private mutating func copy(from other: FileTree, _ start: NodeID, to target: TreePath) throws {
        var names: [NodeID: TreePath] = [:]
        var pending = [(path: target, id: start)]
        while let (path, id) = pending.popLast() {
            for (name, child) in other.children(of: id).reversed() {
                let place = path.appending(name)
                if let first = names[child] {
                    try link(first, at: place)
                    continue
                }
                try insert(other[child], at: place)
                if other[child].isFolder { pending.append((place, child)) } else { names[child] = place }
            }
        }
    }
}
