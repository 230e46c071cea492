import ImageStore
import IngotModel

/// Makes the layer of a COPY: what is put where, and the folders on the way as they are below.
struct CopyLayer {
    let copy: ExpandedCopy
    let owner: FileOwner
    let date: SourceDate
    /// What the layer lies on; `nil` when that has no files.
    let parent: MountedTree?
    /// The destination there.
    let destination: MountedTree.Resolution

    init(_ copy: ExpandedCopy, owner: FileOwner, date: SourceDate, parent: MountedTree?) throws(BuildError) {
        self.copy = copy
        self.owner = owner
        self.date = date
        self.parent = parent
        destination = try Self.resolve(copy, in: parent)
    }

    private static func resolve(_ copy: ExpandedCopy, in parent: MountedTree?) throws(BuildError) -> MountedTree.Resolution {
        guard let parent else { return MountedTree.Resolution(parts: RelativePath.parts(copy.destination.joined(separator: "/"))) }
        do {
            return try parent.resolve(copy.destination)
        } catch {
            throw BuildError(String(error.code.dropFirst("build.".count)), at: copy.location, error.message)
        }
    }

    /// All that the layer depends on but the copied files: with it, an unchanged COPY over another parent is the same layer.
    func append(to key: inout CacheKey.Builder) {
        key.append(destination.parts)
        key.append(destination.last.map { $0.isFolder ? "folder" : "file" } ?? "nothing")
        key.append(destination.folders.count)
        for folder in destination.folders {
            for number in [Int(folder.mode), Int(folder.userID), Int(folder.groupID), Int(folder.modified.seconds)] { key.append(number) }
            key.append(folder.attributes.mapValues { String(decoding: $0.flatMap { [$0 >> 4, $0 & 15].map { $0 + 65 } }, as: UTF8.self) })
        }
        key.append(Int(owner.user))
        key.append(Int(owner.group))
    }

    func tree(_ items: [CopyItem]) throws -> FileTree {
        guard items.count == 1 || copy.namesFolder else {
            throw BuildError(
                "destination-not-folder", at: copy.location, "there are several sources, so the destination must be a folder", hint: "end it with /")
        }
        var tree = try skeleton()
        for item in items { try put(item.stamped(owner: owner, mode: copy.mode, date: date), into: &tree) }
        try checkKinds(tree)
        return tree
    }

    private var modified: FileTime { FileTime(seconds: Int64(date.second)) }
    private var newFolder: FileMetadata { FileMetadata(mode: 0o755, userID: owner.user, groupID: owner.group, modified: modified) }

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

    private func put(_ item: CopyItem, into tree: inout FileTree) throws {
        switch item {
        case .file(let name, let node):
            let isFolder = copy.namesFolder || destination.last?.isFolder == true
            try tree.insert(node, at: path(destination.parts + (isFolder ? [name] : [])), parents: newFolder)
        case .folder(let content):
            if let last = destination.last, !last.isFolder { throw refusal("a folder can't be copied onto a file", destination.parts) }
            let place = try path(destination.parts)
            if !destination.exists, tree.find(place) == nil {
                try tree.insert(.folder(copy.namesFolder ? newFolder : content[.root].metadata), at: place, parents: newFolder)
            }
            try tree.insert(contentsOf: content, at: place, parents: newFolder)
        }
    }

    /// A folder would hide a link or file of the parent, and a file a folder: mistakes both.
    private func checkKinds(_ tree: FileTree) throws {
        guard let parent, destination.exists else { return }
        let top = destination.parts.count
        for entry in tree.entries() where entry.path.components.count > top {
            let parts = entry.path.components.map(\.description)
            guard let found = try parent.find(parts) else { continue }
            if entry.node.isFolder, !found.isFolder { throw refusal("a folder can't be copied onto what is no folder", parts) }
            if !entry.node.isFolder, found.isFolder { throw refusal("a file can't be copied onto a folder", parts) }
        }
    }

    private func refusal(_ why: String, _ parts: [String]) -> BuildError {
        BuildError("destination-unsuitable", at: copy.location, "\(why): /\(parts.joined(separator: "/"))")
    }
}
