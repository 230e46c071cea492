/// How a name of a tree stands in an archive: pure, so that its bytes can be tested one by one.
enum TarEntry {
    static let whiteoutPrefix = Array(".wh.".utf8)
    static let opaqueName = Array(".wh..wh..opq".utf8)

    /// The headers of one name: none for a root that says nothing, two for an opaque folder.
    ///
    /// Throws `unsafePath` for a name that an archive would take for a whiteout.
    static func headers(of entry: FileTree.Entry) throws -> [TarHeader] {
        guard let name = entry.path.name else { return [folder([UInt8(ascii: "."), UInt8(ascii: "/")], entry.node)] + opaqueMark(of: entry) }
        guard !name.bytes.starts(with: whiteoutPrefix) else {
            throw StoreError.unsafePath("\(entry.path)", "names that begin with '.wh.' mean whiteouts in an image")
        }
        if let target = entry.linkTarget {
            var header = TarHeader(path: entry.path.bytes, kind: .hardLink, metadata: entry.node.metadata, linkTarget: target.bytes)
            // The first name has them; a link has nothing of its own.
            header.metadata.attributes = [:]
            return [header]
        }
        return try single(entry, name)
    }

    private static func single(_ entry: FileTree.Entry, _ name: FileName) throws -> [TarHeader] {
        let path = entry.path.bytes
        let metadata = entry.node.metadata
        switch entry.node.kind {
        case .folder: return [folder(path + [UInt8(ascii: "/")], entry.node)] + opaqueMark(of: entry)
        case .regular(let content): return [TarHeader(path: path, kind: .regular, metadata: metadata, size: content.size)]
        case .symbolicLink(let target): return [TarHeader(path: path, kind: .symbolicLink, metadata: metadata, linkTarget: target)]
        case .characterDevice(let device): return [TarHeader(path: path, kind: .characterDevice, metadata: metadata, device: device)]
        case .blockDevice(let device): return [TarHeader(path: path, kind: .blockDevice, metadata: metadata, device: device)]
        case .fifo: return [TarHeader(path: path, kind: .fifo, metadata: metadata)]
        case .whiteout: return [try whiteout(entry.path, name)]
        }
    }

    private static func folder(_ path: [UInt8], _ node: FileNode) -> TarHeader {
        TarHeader(path: path, kind: .folder, metadata: node.metadata)
    }

    private static func whiteout(_ path: TreePath, _ name: FileName) throws -> TarHeader {
        guard let marked = FileName(bytes: whiteoutPrefix + name.bytes) else {
            throw StoreError.unsafePath("\(path)", "its name is too long to be removed by an image's layer")
        }
        return mark(path.parent.appending(marked).bytes)
    }

    private static func opaqueMark(of entry: FileTree.Entry) -> [TarHeader] {
        guard entry.node.isOpaque else { return [] }
        let folder = entry.path.bytes
        return [mark(folder + (folder.isEmpty ? [] : [UInt8(ascii: "/")]) + opaqueName)]
    }

    private static func mark(_ path: [UInt8]) -> TarHeader { TarHeader(path: path, kind: .regular, metadata: FileMetadata(mode: 0)) }
}
