internal import IngotModel

/// A layer of nothing but places to mount at, lowest in every root: a read-only root cannot be given one later,
/// and an overlay without an upper layer needs two lower ones.
enum MountPointLayer {
    static let folders: [(path: String, mode: UInt16)] = [
        ("dev", 0o755), ("etc", 0o755), ("proc", 0o555), ("run", 0o755), ("run/secrets", 0o755), ("sys", 0o555), ("tmp", 0o1777),
    ]
    static let files = ["etc/hostname", "etc/hosts", "etc/resolv.conf"]

    /// - Parameter extra: folders that this image needs besides, such as its writable paths.
    static func tree(extra: [TreePath]) throws -> FileTree {
        var tree = FileTree()
        for (path, mode) in folders { try tree.insert(.folder(FileMetadata(mode: mode)), at: TreePath(path)) }
        for path in files { try tree.insert(.regular(.empty, FileMetadata(mode: 0o644)), at: TreePath(path)) }
        for path in extra.sorted() where tree.find(path) == nil {
            try tree.insert(.folder(FileMetadata(mode: 0o755)), at: path)
        }
        return tree
    }

    /// A name for the layer, the same for the same folders.
    static func name(extra: [TreePath]) -> String {
        guard !extra.isEmpty else { return "points" }
        var bytes: [UInt8] = []
        for path in extra.sorted() { bytes += path.bytes + [0] }
        return "points-\(ContentHash.digest(of: bytes).short)"
    }
}
