internal import IngotModel

/// A tree of files in memory: a layer before it is written.
///
/// Whatever is inserted becomes a node of this tree and nothing else. Links are never followed, so no name
/// in an archive can reach a path of the host. Two names may share one node: a hard link.
public struct FileTree: Sendable {
    /// A node of one tree; of no meaning in another.
    public struct NodeID: Hashable, Sendable {
        let index: Int
        public static let root = NodeID(index: 0)
    }

    struct Record: Sendable {
        var node: FileNode
        var children: [FileName: NodeID] = [:]
        /// How many names the node has.
        var names = 1
    }

    var records: [Record]
    public let limits: ArchiveLimits
    /// Names in the tree, the root not counted.
    public internal(set) var count = 0
    /// The sum of all regular files' lengths; a file with two names counts once.
    public internal(set) var contentBytes = 0

    public init(root: FileMetadata = .implicitFolder, limits: ArchiveLimits = .standard) {
        records = [Record(node: .folder(root))]
        self.limits = limits
    }

    public var isEmpty: Bool { count == 0 }

    // MARK: Looking

    public subscript(id: NodeID) -> FileNode { records[id.index].node }

    /// The node at the path itself. Links on the way are not followed: below one there is nothing.
    public func find(_ path: TreePath) -> NodeID? {
        var current = NodeID.root
        for name in path.components {
            guard let next = records[current.index].children[name] else { return nil }
            current = next
        }
        return current
    }

    public func node(at path: TreePath) -> FileNode? { find(path).map { self[$0] } }

    public func child(_ name: FileName, of folder: NodeID) -> NodeID? { records[folder.index].children[name] }

    /// What is in a folder, in the order of names.
    public func children(of folder: NodeID) -> [(name: FileName, id: NodeID)] {
        records[folder.index].children.map { (name: $0.key, id: $0.value) }.sorted { $0.name < $1.name }
    }

    /// How many names the node has in this tree.
    public func nameCount(_ id: NodeID) -> Int { records[id.index].names }

    // MARK: Changing

    /// Puts a node at a path. Of its extended attributes those are kept that belong into an image: `user.*`, capabilities
    /// and access control lists.
    /// What was there is replaced, but a folder onto a folder keeps what is in it.
    /// Folders that are missing on the way are made with `parents`.
    ///
    /// Throws `unsafePath` when something on the way is not a folder (a link is not followed) and `tooLarge` at a limit.
    @discardableResult
    public mutating func insert(_ node: FileNode, at path: TreePath, parents: FileMetadata = .implicitFolder) throws -> NodeID {
        var node = node
        node.metadata.keepAttributesOfImages()
        try checkAttributes(of: node, at: path)
        guard let name = path.name else { return try replaceRoot(node) }
        let folder = try makeFolder(path.parent, parents, for: path)
        if let existing = child(name, of: folder) {
            if node.isFolder, self[existing].isFolder {
                records[existing.index].node = node
                return existing
            }
            detach(name, from: folder)
        }
        return try attach(node, name, to: folder)
    }

    /// Gives a node a second name.
    public mutating func link(_ target: TreePath, at path: TreePath, parents: FileMetadata = .implicitFolder) throws {
        guard let id = find(target) else { throw StoreError.unsafePath("\(path)", "it is a hard link to \(target), which is not there") }
        guard !self[id].isFolder, !self[id].isWhiteout, let name = path.name else {
            throw StoreError.unsafePath("\(path)", "a folder cannot be hard linked")
        }
        let folder = try makeFolder(path.parent, parents, for: path)
        if let existing = child(name, of: folder) {
            if existing == id { return }
            guard !self[existing].isFolder || records[existing.index].children.isEmpty else {
                throw StoreError.unsafePath("\(path)", "a hard link would replace a folder that is not empty")
            }
            detach(name, from: folder)
        }
        try checkCount(depth: path.components.count)
        records[id.index].names += 1
        records[folder.index].children[name] = id
        count += 1
    }

    /// Changes a node's metadata in place; all its names see it.
    public mutating func update(_ id: NodeID, _ change: (inout FileMetadata) -> Void) {
        change(&records[id.index].node.metadata)
        records[id.index].node.metadata.keepAttributesOfImages()
    }

    /// Changes the metadata of every node: setting all times, for one.
    public mutating func updateAll(_ change: (inout FileMetadata) -> Void) {
        for index in records.indices { update(NodeID(index: index), change) }
    }

    /// Marks a folder opaque, making it where it is missing.
    public mutating func markOpaque(_ path: TreePath) throws {
        let folder = try makeFolder(path, .implicitFolder, for: path)
        records[folder.index].node.kind = .folder(isOpaque: true)
    }

    /// Removes a name and all below it. `false` when it was not there.
    @discardableResult
    public mutating func remove(_ path: TreePath) -> Bool {
        guard let name = path.name, let folder = find(path.parent), child(name, of: folder) != nil else { return false }
        detach(name, from: folder)
        return true
    }

    // MARK: Within

    private mutating func replaceRoot(_ node: FileNode) throws -> NodeID {
        guard node.isFolder else { throw StoreError.unsafePath("/", "the root of an image must be a folder") }
        records[0].node = node
        return .root
    }

    private mutating func makeFolder(_ path: TreePath, _ metadata: FileMetadata, for wanted: TreePath) throws -> NodeID {
        var current = NodeID.root
        for (index, name) in path.components.enumerated() {
            if let next = child(name, of: current) {
                guard self[next].isFolder else {
                    let place = TreePath(components: Array(path.components[...index]))
                    let what = self[next].isSymbolicLink ? "a symbolic link, which is not followed" : "not a folder"
                    throw StoreError.unsafePath("\(wanted)", "\(place) is \(what)")
                }
                current = next
            } else {
                try checkCount(depth: index + 1)
                current = try attach(.folder(metadata), name, to: current)
            }
        }
        try checkCount(depth: path.components.count)
        return current
    }

    private mutating func attach(_ node: FileNode, _ name: FileName, to folder: NodeID) throws -> NodeID {
        try checkCount(depth: 0)
        let (sum, overflows) = contentBytes.addingReportingOverflow(node.size)
        guard node.size >= 0, !overflows, sum <= limits.bytes.bytes else {
            throw StoreError.tooLarge("the content of the tree", limit: "\(limits.bytes)")
        }
        contentBytes = sum
        let id = NodeID(index: records.count)
        records.append(Record(node: node))
        records[folder.index].children[name] = id
        count += 1
        return id
    }

    private mutating func detach(_ name: FileName, from folder: NodeID) {
        var pending = [records[folder.index].children.removeValue(forKey: name)].compactMap { $0 }
        while let id = pending.popLast() {
            count -= 1
            records[id.index].names -= 1
            guard records[id.index].names == 0 else { continue }
            contentBytes -= self[id].size
            pending += records[id.index].children.values
            records[id.index] = Record(node: .whiteout, names: 0)
        }
    }

    private func checkCount(depth: Int) throws {
        // What was replaced still takes memory, so it counts too.
        guard max(count, records.count - 1) < limits.entries else {
            throw StoreError.tooLarge("the number of files in the tree", limit: "\(limits.entries)")
        }
        guard depth < limits.depth else { throw StoreError.tooLarge("the depth of a path", limit: "\(limits.depth) names") }
    }

    /// What an inode of EROFS, whose sizes have 16 bits, surely holds.
    private static let largestAttributes = 65_536

    private func checkAttributes(of node: FileNode, at path: TreePath) throws {
        var sum = 0
        for (name, value) in node.metadata.attributes { sum += name.utf8.count + value.count + 16 }
        guard sum <= min(limits.attributeBytes.bytes, Self.largestAttributes) else {
            throw StoreError.tooLarge("the extended attributes of \(path)", limit: "\(limits.attributeBytes)")
        }
    }
}
