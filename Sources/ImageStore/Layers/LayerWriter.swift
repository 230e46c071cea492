internal import IngotModel

/// Writes both forms of a layer in one pass over its content.
struct LayerWriter {
    struct Result {
        var diffID: Digest
        var blob: Digest
        var blobSize: Int
        var erofs: Digest
        var erofsSize: Int
    }

    static func write(_ tree: FileTree, archive: TemporaryFile, erofs: TemporaryFile) throws -> Result {
        let entries = tree.entries()
        let image = try ErofsStream(ErofsPlan(tree, entries), to: erofs)
        let stream = try TarStream(to: archive)
        try write(tree, entries, to: image, stream)
        let (erofsDigest, erofsSize) = try image.finish()
        let (diffID, blob, blobSize) = try stream.finish()
        return Result(diffID: diffID, blob: blob, blobSize: blobSize, erofs: erofsDigest, erofsSize: erofsSize)
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
