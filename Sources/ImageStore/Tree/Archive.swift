internal import Glibc
public import SystemPackage

/// One entry of an archive.
public struct ArchiveEntry: Sendable {
    public enum Content: Sendable {
        case node(FileNode)
        /// Another name of the file at this path.
        case hardLink(TreePath)
    }

    /// Below the archive's root, which is the root path.
    public var path: TreePath
    public var content: Content
}

/// Archives as files that are to be unpacked: tar, plain or compressed by gzip, bzip2, xz or zstd. Known by content, not by name.
public enum Archive {
    /// Whether the content begins as an archive does: with the header of a file, once it is decompressed.
    ///
    /// An archive that holds nothing is none. Source: BuildKit, `isArchivePath`.
    public static func isArchive(_ content: FileContent, spool: FilePath, limits: ArchiveLimits = .standard) throws -> Bool {
        guard content.size > 0 else { return false }
        var start: [UInt8] = []
        struct Enough: Error {}
        do {
            try Decompression.run(content.file(spool: spool), limits) { bytes in
                start += bytes.prefix(TarBlock.size - start.count)
                if start.count == TarBlock.size { throw Enough() }
            }
        } catch is Enough {
            return TarBlock.isHeader(start)
        } catch let error as StoreError where error.reason == .archiveInvalid {
            return false
        }
        return false
    }

    /// Gives the entries in their order.
    ///
    /// The archive is taken for hostile: names with `..` or NUL are refused, a leading `/` means the archive's root, and
    /// nothing is written but into a file without a name.
    ///
    /// - Parameter spool: where decompressed content is kept until nothing refers to it.
    /// - Throws: `archiveInvalid`, `unsafePath`, `tooLarge`.
    public static func forEachEntry(
        of content: FileContent, spool: FilePath, limits: ArchiveLimits = .standard, _ body: (ArchiveEntry) throws -> Void
    ) throws {
        let plain = try TemporaryFile(in: spool)
        var count = 0
        try Decompression.run(content.file(spool: spool), limits) { bytes in
            try plain.file.write(bytes, at: count)
            count += bytes.count
        }
        try UTF8Locale.with { try ArchiveImport(plain.file, spool).forEach(limits, body) }
    }
}

/// The block that archives consist of. Source: POSIX.1-2017, pax, "ustar Interchange Format".
enum TarBlock {
    static let size = 512
    private static let checksum = 148..<156

    /// Whether a block is the header of an entry: its checksum is right.
    static func isHeader(_ block: [UInt8]) -> Bool {
        guard block.count == size, block.contains(where: { $0 != 0 }) else { return false }
        let text = String(decoding: block[checksum], as: UTF8.self)
        let digits = text.drop { $0 == " " }.prefix { ("0"..."7").contains($0) }
        guard let expected = Int(digits, radix: 8) else { return false }
        // The field itself counts as blanks.
        let others = block[..<checksum.lowerBound] + block[checksum.upperBound...]
        let blanks = checksum.count * 32
        return expected == others.reduce(blanks) { $0 + Int($1) } || expected == others.reduce(blanks) { $0 + Int(Int8(bitPattern: $1)) }
    }
}

extension FileContent {
    /// The content as a file of its own.
    func file(spool: FilePath) throws -> OpenFile {
        switch source {
        case .open(let file, offset: 0) where try file.size() == size: return file
        case .file(let folder, let path, offset: 0): return try folder.open(below: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        default:
            let copy = try TemporaryFile(in: spool)
            var count = 0
            try forEachChunk { bytes in
                try copy.file.write(bytes, at: count)
                count += bytes.count
            }
            return copy.file
        }
    }
}
