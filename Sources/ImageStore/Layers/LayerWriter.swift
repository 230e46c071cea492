internal import IngotModel

/// Writes both forms of a layer in one pass over its content.
struct LayerWriter {
    struct Result {
        var diffID: Digest
        var archiveSize: Int
        var erofs: Digest
        var erofsSize: Int
    }

    /// The mountable form is whole when this returns; the stream may still be compressing.
    static func write(_ tree: FileTree, to stream: TarStream, erofs: TemporaryFile) throws -> Result {
        let entries = tree.entries()
        let image = try ErofsStream(ErofsPlan(tree, entries), to: erofs)
        try write(tree, entries, to: image, stream)
        let (erofsDigest, erofsSize) = try image.finish()
        let (diffID, size) = try stream.end()
        return Result(diffID: diffID, archiveSize: size, erofs: erofsDigest, erofsSize: erofsSize)
    }

    /// Writes only the mountable form.
    static func writeErofs(_ tree: FileTree, to file: TemporaryFile) throws -> (digest: Digest, size: Int) {
        let entries = tree.entries()
        let image = try ErofsStream(ErofsPlan(tree, entries), to: file)
        try write(tree, entries, to: image, nil)
        return try image.finish()
    }

    private static func write(_ tree: FileTree, _ entries: [FileTree.Entry], to image: ErofsStream, _ archive: TarStream?) throws {
        let plan = image.plan
        let buffer = ChunkBuffer()
        for entry in entries {
            if let archive {
                for header in try TarEntry.headers(of: entry) { try archive.append(header.bytes()) }
            }
            guard entry.linkTarget == nil else { continue }
            try image.begin()
            switch entry.node.kind {
            case .folder: try plan.folder(entry.id, in: tree).withUnsafeBytes { try image.append($0) }
            case .symbolicLink(let target): try target.withUnsafeBytes { try image.append($0) }
            case .regular(let content):
                try content.forEachChunk(using: buffer) { chunk in
                    try archive?.append(chunk)
                    try image.append(chunk)
                }
                try archive?.appendPadding(after: content.size)
            case .characterDevice, .blockDevice, .fifo, .whiteout: break
            }
            try image.end()
        }
    }
}
