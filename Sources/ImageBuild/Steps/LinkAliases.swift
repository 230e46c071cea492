import CLinux
import Glibc
import ImageStore
import SystemPackage

/// The other names of hard links of the image that a step changed under one name.
///
/// An overlay copies a file up by the name it is changed by. Its other names show the changed file while the step runs,
/// where the overlay has an index, but the upper folder does not have them; without an index they show the old file
/// below. In a layer they are one file again, as they would be on a file system of its own.
///
/// The mark of copying up tells a changed file from one that took its place. Where the overlay has no index it sets none
/// on hard links; there a file with the bytes that it had counts as changed: its mode or owner was.
struct LinkAliases {
    let image: MountedTree
    /// What the step wrote.
    let upper: FilePath

    private struct Inode: Hashable {
        var device: dev_t
        var number: ino_t
    }

    func expand(in tree: inout FileTree) throws {
        let changed = try changedLinks(in: tree)
        guard !changed.isEmpty else { return }
        var names: [(path: TreePath, inode: Inode)] = []
        try walk(.root, wanted: Set(changed.map(\.inode)), &names)
        for (path, inode) in changed {
            guard tree.find(path) != nil else { continue }
            for alias in names where alias.inode == inode && alias.path != path { try add(alias.path, to: path, in: &tree) }
        }
    }

    /// Files that overlay copied up from one with several names, in canonical order.
    private func changedLinks(in tree: FileTree) throws -> [(path: TreePath, inode: Inode)] {
        try tree.entries().compactMap { entry in
            guard !entry.node.isFolder, !entry.node.isWhiteout, entry.linkTarget == nil,
                let status = try status(entry.path), status.st_nlink > 1, status.st_mode & S_IFMT != S_IFDIR,
                try isChanged(entry.path, entry.node, from: status)
            else { return nil }
            return (entry.path, Inode(device: status.st_dev, number: status.st_ino))
        }
    }

    /// Source: Linux, `fs/overlayfs/copy_up.c`, `ovl_set_origin`: what is copied up has the mark, what is new has none.
    private func isChanged(_ path: TreePath, _ node: FileNode, from below: stat) throws -> Bool {
        if isCopiedUp(path) { return true }
        guard let content = node.content, below.st_mode & S_IFMT == S_IFREG, content.size == Int(below.st_size) else { return false }
        let folder = try FolderHandle(image.path)
        let old = FileContent(below: folder, path: FilePath(String(decoding: path.bytes, as: UTF8.self)), size: content.size)
        return try CacheKey.Builder.digest(of: content) == CacheKey.Builder.digest(of: old)
    }

    private func isCopiedUp(_ path: TreePath) -> Bool {
        lgetxattr(upper.string + "\(path)", "trusted.overlay.origin", nil, 0) >= 0
    }

    private func status(_ path: TreePath) throws(BuildError) -> stat? {
        guard let file = try image.open(path.components.map(\.description), O_PATH | O_NOFOLLOW) else { return nil }
        defer { close(file) }
        var status = stat()
        return fstat(file, &status) == 0 ? status : nil
    }

    /// All names of some inodes. Only looked for when a step changed a file with several: that is seldom.
    private func walk(_ path: TreePath, wanted: Set<Inode>, _ names: inout [(path: TreePath, inode: Inode)]) throws {
        for name in try image.names(path.components.map(\.description)) {
            guard let name = FileName(name) else { continue }
            let place = path.appending(name)
            guard let status = try status(place) else { continue }
            let inode = Inode(device: status.st_dev, number: status.st_ino)
            if status.st_mode & S_IFMT == S_IFDIR {
                try walk(place, wanted: wanted, &names)
            } else if status.st_nlink > 1, wanted.contains(inode) {
                names.append((place, inode))
            }
        }
    }

    private func add(_ alias: TreePath, to path: TreePath, in tree: inout FileTree) throws {
        if let own = tree.find(alias) {
            guard own != tree.find(path), !tree[own].isFolder, try isSame(alias, path, in: tree) else { return }
            return try tree.link(path, at: alias)
        }
        guard isVisible(alias, in: tree) else { return }
        try addFolders(of: alias, to: &tree)
        try tree.link(path, at: alias)
    }

    /// Two names that the step changed alike, one after the other: `chmod -R`, for one.
    private func isSame(_ one: TreePath, _ other: TreePath, in tree: FileTree) throws -> Bool {
        guard let one = tree.node(at: one), let other = tree.node(at: other), one.size == other.size,
            (one.metadata.mode, one.metadata.userID, one.metadata.groupID) == (other.metadata.mode, other.metadata.userID, other.metadata.groupID),
            one.metadata.attributes == other.metadata.attributes, let content = one.content, let otherContent = other.content
        else { return false }
        return try CacheKey.Builder.digest(of: content) == CacheKey.Builder.digest(of: otherContent)
    }

    /// Whether the step left what lies below at this path: no folder on the way was removed or made anew.
    private func isVisible(_ path: TreePath, in tree: FileTree) -> Bool {
        var current = TreePath.root
        for name in path.components.dropLast() {
            current = current.appending(name)
            guard let node = tree.node(at: current) else { return true }
            guard node.isFolder, !node.isOpaque else { return false }
        }
        return true
    }

    private func addFolders(of path: TreePath, to tree: inout FileTree) throws {
        var current = TreePath.root
        for name in path.components.dropLast() {
            current = current.appending(name)
            guard tree.find(current) == nil, let found = try image.find(current.components.map(\.description)) else { continue }
            try tree.insert(.folder(found.metadata), at: current)
        }
    }
}

extension CacheKey.Builder {
    /// Of a file's bytes.
    static func digest(of content: FileContent) throws -> CacheKey {
        var key = CacheKey.Builder("content-of-file")
        try content.forEachChunk { key.append($0) }
        return key.finish()
    }
}
