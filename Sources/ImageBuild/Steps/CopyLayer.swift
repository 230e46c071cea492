import ImageStore
import IngotModel
import SystemPackage

/// Makes the layer of a COPY: what is put where, and the folders on the way as they are below.
struct CopyLayer {
    let copy: ExpandedCopy
    /// Whose everything becomes; `nil` leaves each file's own.
    let owner: FileOwner?
    let date: SourceDate
    /// What the layer lies on.
    let parent: ParentFiles
    /// The destination there.
    let destination: MountedTree.Resolution
    /// Where archives are decompressed.
    let spool: FilePath

    init(_ copy: ExpandedCopy, owner: FileOwner?, date: SourceDate, parent: ParentFiles, spool: FilePath) throws(BuildError) {
        self.copy = copy
        self.owner = owner
        self.date = date
        self.parent = parent
        self.spool = spool
        do {
            destination = try parent.resolve(copy.destination)
        } catch {
            throw BuildError(String(error.code.dropFirst("build.".count)), at: copy.location, error.message)
        }
    }

    func tree(_ items: [CopyItem]) throws -> FileTree {
        guard !items.isEmpty else { return FileTree() }
        var tree = try skeleton()
        for item in items { try put(item.stamped(owner: owner, mode: copy.mode, date: date), into: &tree) }
        return tree
    }

    private var modified: FileTime { FileTime(seconds: Int64(date.second)) }
    /// What folders get that are made on the way. Source: BuildKit: `--chmod` and `--chown` hold for them too.
    private var newFolder: FileMetadata {
        let owner = owner ?? .root
        let mode = copy.mode?.applied(to: 0o755, isFolder: true) ?? 0o755
        return FileMetadata(mode: mode, userID: owner.user, groupID: owner.group, modified: modified)
    }

    /// The folders on the way that exist, as they are; the last of them is touched.
    private func skeleton() throws -> FileTree {
        var folders = destination.folders
        if folders.isEmpty { folders = [FileMetadata(mode: 0o755, modified: modified)] }
        folders[folders.count - 1].modified = modified
        var tree = FileTree(root: folders[0])
        for (count, metadata) in folders.enumerated().dropFirst() {
            try tree.insert(.folder(metadata), at: path(Array(destination.parts.prefix(count))))
        }
        return tree
    }

    private func path(_ parts: [String]) throws -> TreePath { try TreePath(parts.joined(separator: "/")) }

    // MARK: Putting

    private func put(_ item: CopyItem, into tree: inout FileTree) throws {
        switch item {
        case .file(let name, let node): try put(node, named: name, into: &tree)
        case .folder(let content): try put(content, into: &tree)
        case .archive(let content):
            let place = try makeDestination(in: &tree)
            var unpacking = ArchiveUnpacking(top: place, owner: owner, date: date, parent: parent, location: copy.location)
            try unpacking.unpack(content, spool: spool, into: &tree)
        }
    }

    private func put(_ node: FileNode, named name: String, into tree: inout FileTree) throws {
        let isFolder = try copy.namesFolder || destination.last?.isFolder == true || tree.node(at: path(destination.parts))?.isFolder == true
        let place = try path(destination.parts + (isFolder ? [name] : []))
        if isFolder { try checkFolder(destination.last, destination.parts) }
        if try tree.node(at: place)?.isFolder == true || (destination.exists && isFolder && parent.peek(Self.parts(place))?.isFolder == true) {
            throw refusal("a file can't be copied onto a folder", place)
        }
        try tree.insert(node, at: place, parents: newFolder)
    }

    private func put(_ content: FileTree, into tree: inout FileTree) throws {
        let place = try makeDestination(in: &tree)
        try check(content, at: place, in: tree)
        try tree.insert(contentsOf: content, at: place, parents: newFolder)
    }

    /// The destination as a folder, made where it is missing.
    private func makeDestination(in tree: inout FileTree) throws -> TreePath {
        try checkFolder(destination.last, destination.parts)
        let place = try path(destination.parts)
        if let node = tree.node(at: place), !node.isFolder { throw refusal("a folder can't be copied onto a file", place) }
        if tree.find(place) == nil { try tree.insert(.folder(newFolder), at: place, parents: newFolder) }
        return place
    }

    private func checkFolder(_ found: MountedTree.Found?, _ parts: [String]) throws {
        guard let found, !found.isFolder else { return }
        throw refusal("a folder can't be copied onto a file", try path(parts))
    }

    /// A folder would hide a link or file, and a file a folder, of the parent or of an earlier source: mistakes both.
    private func check(_ content: FileTree, at place: TreePath, in tree: FileTree) throws {
        var missing: TreePath?
        for entry in content.entries() where !entry.path.isRoot {
            let target = place.appending(entry.path)
            if let node = tree.node(at: target), node.isFolder != entry.node.isFolder { throw refusal(entry.node, target) }
            // Nothing is below what is not there.
            guard destination.exists, missing.map({ !target.isBelow($0) }) ?? true else { continue }
            guard let found = try parent.peek(Self.parts(target)) else {
                missing = target
                continue
            }
            if found.isFolder != entry.node.isFolder, found.isFolder || entry.node.isFolder { throw refusal(entry.node, target) }
        }
    }

    private static func parts(_ path: TreePath) -> [String] { path.components.map(\.description) }

    private func refusal(_ node: FileNode, _ place: TreePath) -> BuildError {
        refusal(node.isFolder ? "a folder can't be copied onto what is no folder" : "a file can't be copied onto a folder", place)
    }

    private func refusal(_ why: String, _ place: TreePath) -> BuildError {
        BuildError("destination-unsuitable", at: copy.location, "\(why): \(place)")
    }
}

extension TreePath {
    func isBelow(_ other: TreePath) -> Bool {
        components.count > other.components.count && components.prefix(other.components.count).elementsEqual(other.components)
    }
}
