import ImageStore
import IngotModel
import SystemPackage

/// Unpacks an archive into a folder of a layer as tar(1) would with that folder as its root: the links of the archive, and
/// those that are there already, lead below it and never out of it. What is there and is no folder is replaced.
///
/// The archive's own `./` changes nothing of the folder. Names that mean whiteouts in a layer are refused: an image can't hold them.
/// Source: BuildKit, `unpack`, which calls `chrootarchive.Untar`.
struct ArchiveUnpacking {
    /// The folder; it is in the tree.
    let top: TreePath
    /// Whose everything becomes; `nil` leaves each file's own.
    let owner: FileOwner?
    let date: SourceDate
    let parent: ParentFiles
    let location: SourceLocation
    /// The folder of the entry before: most entries have the same one.
    private var last: (name: TreePath, place: TreePath)?

    init(top: TreePath, owner: FileOwner?, date: SourceDate, parent: ParentFiles, location: SourceLocation) {
        self.top = top
        self.owner = owner
        self.date = date
        self.parent = parent
        self.location = location
    }

    mutating func unpack(_ archive: FileContent, spool: FilePath, into tree: inout FileTree) throws {
        try Archive.forEachEntry(of: archive, spool: spool) { entry in
            guard let name = entry.path.name else { return }
            guard !name.bytes.starts(with: Array(".wh.".utf8)) else {
                throw refusal("names that begin with '.wh.' mean whiteouts in an image", entry.path)
            }
            let place = try folder(entry.path.parent, in: &tree).appending(name)
            switch entry.content {
            case .hardLink(let target): try link(target, at: place, in: &tree)
            case .node(let node): try put(node, at: place, in: &tree)
            }
        }
    }

    private mutating func link(_ target: TreePath, at place: TreePath, in tree: inout FileTree) throws {
        guard let name = target.name else { throw refusal("a hard link leads to a folder", place) }
        let source = try folder(target.parent, in: &tree).appending(name)
        guard let node = tree.node(at: source), !node.isFolder else {
            throw refusal("it is a hard link to \(target), which the archive does not have", place)
        }
        last = nil
        try tree.link(source, at: place)
    }

    private mutating func put(_ node: FileNode, at place: TreePath, in tree: inout FileTree) throws {
        guard !node.isWhiteout else { throw refusal("the device 0/0 means a whiteout in an image", place) }
        var node = node
        node.metadata.modified = FileTime(seconds: Int64(date.second))
        if let owner {
            node.metadata.userID = owner.user
            node.metadata.groupID = owner.group
        }
        if node.content == nil { last = nil }
        // A folder in the place of what hid a folder of the parent must go on hiding it.
        if node.isFolder, let old = tree.node(at: place) { node.kind = .folder(isOpaque: !old.isFolder || old.isOpaque) }
        if !node.isFolder, tree.node(at: place)?.isFolder == true { last = nil }
        try tree.insert(node, at: place)
    }

    /// The place of a folder of the archive, links on the way followed below the top, missing folders made.
    private mutating func folder(_ name: TreePath, in tree: inout FileTree) throws -> TreePath {
        if let last, last.name == name { return last.place }
        var done: [FileName] = []
        // The next one last; `nil` goes upward.
        var pending: [FileName?] = name.components.reversed()
        var links = 0
        while let next = pending.popLast() {
            guard let part = next else {
                _ = done.popLast()
                continue
            }
            let place = top.appending(TreePath(components: done + [part]))
            guard let target = try step(to: place, in: &tree) else {
                done.append(part)
                continue
            }
            links += 1
            guard links <= ContextTree.mostLinks else { throw refusal("too many links on the way", name) }
            try follow(target, &done, &pending)
        }
        let place = top.appending(TreePath(components: done))
        last = (name, place)
        return place
    }

    /// Puts the parts of a link before those that are pending; `..` ends at the top.
    private func follow(_ target: [UInt8], _ done: inout [FileName], _ pending: inout [FileName?]) throws {
        if target.first == UInt8(ascii: "/") { done = [] }
        for part in target.split(separator: UInt8(ascii: "/")).reversed() where !part.elementsEqual([46]) {
            if part.elementsEqual([46, 46]) {
                pending.append(nil)
            } else if let name = FileName(bytes: part) {
                pending.append(name)
            } else {
                throw refusal("a link on the way leads to no name", TreePath(components: done))
            }
        }
    }

    /// Makes sure that there is a folder; returns the target of the link that is there instead.
    private func step(to place: TreePath, in tree: inout FileTree) throws -> [UInt8]? {
        if let node = tree.node(at: place) {
            if case .symbolicLink(let target) = node.kind { return target }
            guard node.isFolder else { throw refusal("it is not a folder, and the archive has files in it", place) }
            return nil
        }
        var metadata = FileMetadata(mode: 0o755, modified: FileTime(seconds: Int64(date.second)))
        if !isHidden(place, in: tree), let found = try parent.find(place.components.map(\.description)) {
            switch found.kind {
            case .folder: metadata = found.metadata
            case .link(let target): return Array(target.utf8)
            case .regular, .other: throw refusal("it is not a folder, and the archive has files in it", place)
            }
        }
        metadata.modified = FileTime(seconds: Int64(date.second))
        try tree.insert(.folder(metadata), at: place)
        return nil
    }

    /// Whether the parent's files at a place are not seen, as the tree replaces a folder above.
    private func isHidden(_ place: TreePath, in tree: FileTree) -> Bool {
        (1..<max(1, place.components.count)).contains { count in
            tree.node(at: TreePath(components: Array(place.components.prefix(count))))?.isOpaque == true
        }
    }

    private func refusal(_ why: String, _ place: TreePath) -> BuildError {
        BuildError("archive-unsuitable", at: location, "\(place) of the archive can't be unpacked: \(why)")
    }
}
