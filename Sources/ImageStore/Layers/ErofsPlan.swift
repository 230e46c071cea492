internal import Glibc

/// Where everything of a tree will be in its EROFS image, decided before a byte is read: sizes are enough.
///
/// The image is: the superblock's block; the content of files and folders in canonical order; the inodes in the same
/// order, each with its attributes and, where it fits into one block, the last part of its content. So content and
/// inodes are two streams that are each written from front to back.
struct ErofsPlan {
    struct Item {
        var id: FileTree.NodeID
        /// The name by which the node comes first.
        var path: TreePath
        var inode: ErofsFormat.Inode
        var attributes: [UInt8]
        /// Where the inode begins, in bytes from the start of the metadata.
        var offset: Int
        /// How much of the content is in blocks; the rest, if any, is behind the inode.
        var blockBytes: Int

        var tail: Int { inode.size - blockBytes }
    }

    private(set) var items: [Item] = []
    private(set) var numbers: [FileTree.NodeID: UInt64] = [:]
    private(set) var parents: [FileTree.NodeID: FileTree.NodeID] = [:]
    private(set) var dataBlocks = 0
    private(set) var metadataLength = 0

    var metadataBlock: Int { 1 + dataBlocks }
    var totalBlocks: Int { metadataBlock + ErofsFormat.blocks(metadataLength) }

    init(_ tree: FileTree, _ entries: [FileTree.Entry]) throws {
        for entry in entries where entry.linkTarget == nil { place(entry, in: tree) }
        guard totalBlocks <= UInt32.max else { throw StoreError.tooLarge("the layer", limit: "16 TiB") }
    }

    var superblock: ErofsFormat.Superblock {
        ErofsFormat.Superblock(
            rootNumber: 0, inodeCount: UInt64(items.count), blocks: UInt32(totalBlocks), metadataBlock: UInt32(metadataBlock))
    }

    /// The content of a folder, for which the numbers of all inodes must be known.
    func folder(_ id: FileTree.NodeID, in tree: FileTree) -> [UInt8] {
        let parent = parents[id] ?? .root
        var entries = tree.children(of: id).map { child in
            ErofsFormat.FolderEntry(name: child.name.bytes, number: numbers[child.id] ?? 0, kind: Self.entryKind(tree[child.id]))
        }
        entries.append(.init(name: [UInt8(ascii: ".")], number: numbers[id] ?? 0, kind: 2))
        entries.append(.init(name: [UInt8(ascii: "."), UInt8(ascii: ".")], number: numbers[parent] ?? 0, kind: 2))
        entries.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return ErofsFormat.folder(entries)
    }

    // MARK: Within

    private mutating func place(_ entry: FileTree.Entry, in tree: FileTree) {
        var attributes = entry.node.metadata.attributes
        if entry.node.isOpaque { attributes[ExtendedAttributes.opaque] = [UInt8(ascii: "y")] }
        let attributeBytes = ErofsFormat.attributes(attributes)
        var inode = self.inode(of: entry, in: tree, attributeLength: attributeBytes.count)

        let tail = inode.size % ErofsFormat.blockLength
        let head = inode.length + attributeBytes.count
        let isInline = tail > 0 && head + tail <= ErofsFormat.blockLength
        inode.layout = isInline ? .inline : .plain
        let length = head + (isInline ? tail : 0)
        var offset = ErofsFormat.aligned(metadataLength, to: ErofsFormat.slotLength)
        // What is behind an inode must not cross into the next block.
        if isInline, offset / ErofsFormat.blockLength != (offset + length - 1) / ErofsFormat.blockLength {
            offset = ErofsFormat.aligned(offset, to: ErofsFormat.blockLength)
        }
        let blockBytes = isInline ? inode.size - tail : inode.size
        if blockBytes > 0 { inode.location = UInt32(truncatingIfNeeded: 1 + dataBlocks) }
        dataBlocks += ErofsFormat.blocks(blockBytes)
        metadataLength = offset + length
        numbers[entry.id] = UInt64(offset / ErofsFormat.slotLength)
        items.append(Item(id: entry.id, path: entry.path, inode: inode, attributes: attributeBytes, offset: offset, blockBytes: blockBytes))
    }

    private mutating func inode(of entry: FileTree.Entry, in tree: FileTree, attributeLength: Int) -> ErofsFormat.Inode {
        // A whiteout has nothing but its place, as in the archive, so that both forms say the same.
        let node = entry.node.isWhiteout ? .whiteout : entry.node
        var linkCount = tree.nameCount(entry.id)
        var size = node.size
        if node.isFolder {
            let children = tree.children(of: entry.id)
            var subfolders = 0
            for child in children where tree[child.id].isFolder {
                parents[child.id] = entry.id
                subfolders += 1
            }
            linkCount = 2 + subfolders
            size = ErofsFormat.folderSize(nameLengths: Self.nameLengths(children.map(\.name)))
        }
        if case .symbolicLink(let target) = node.kind { size = target.count }
        let isExtended = !ErofsFormat.Inode.fitsCompact(node.metadata, size: size, linkCount: linkCount)
        return ErofsFormat.Inode(
            isExtended: isExtended, layout: .plain, attributeLength: attributeLength, mode: Self.mode(of: node), size: size,
            location: Self.device(of: node), number: UInt32(truncatingIfNeeded: items.count + 1), userID: node.metadata.userID,
            groupID: node.metadata.groupID, modified: node.metadata.modified.seconds, linkCount: UInt32(truncatingIfNeeded: linkCount))
    }

    /// The lengths of a folder's names in their order, with `.` and `..` where they belong among them.
    private static func nameLengths(_ names: [FileName]) -> [Int] {
        let dots: [[UInt8]] = [[UInt8(ascii: ".")], [UInt8(ascii: "."), UInt8(ascii: ".")]]
        let position = names.prefix { $0.bytes.lexicographicallyPrecedes(dots[0]) }.count
        // Between the two stand names such as ".-x", whose second byte is below a dot.
        let between = names.dropFirst(position).prefix { $0.bytes.lexicographicallyPrecedes(dots[1]) }.count
        return names.prefix(position).map(\.bytes.count) + [1]
            + names.dropFirst(position).prefix(between).map(\.bytes.count) + [2]
            + names.dropFirst(position + between).map(\.bytes.count)
    }

    private static func mode(of node: FileNode) -> UInt16 {
        UInt16(truncatingIfNeeded: typeBits(of: node)) | node.metadata.mode
    }

    private static func typeBits(of node: FileNode) -> mode_t {
        switch node.kind {
        case .folder: S_IFDIR
        case .regular: S_IFREG
        case .symbolicLink: S_IFLNK
        case .characterDevice, .whiteout: S_IFCHR
        case .blockDevice: S_IFBLK
        case .fifo: S_IFIFO
        }
    }

    /// Source: `include/linux/fs_types.h`, FT_*.
    private static func entryKind(_ node: FileNode) -> UInt8 {
        switch node.kind {
        case .regular: 1
        case .folder: 2
        case .characterDevice, .whiteout: 3
        case .blockDevice: 4
        case .fifo: 5
        case .symbolicLink: 7
        }
    }

    private static func device(of node: FileNode) -> UInt32 {
        switch node.kind {
        case .characterDevice(let device), .blockDevice(let device): ErofsFormat.encoded(device)
        default: 0
        }
    }
}
