internal import CArchive
internal import Glibc
public import IngotModel
public import SystemPackage

/// Files that others packed for the way: compressed, or many in a zip. They are read in memory; nothing is written.
public enum PackedFiles {
    /// Gives the content of a file in pieces, decompressed when it begins as gzip, zstd, xz or bzip2 does.
    ///
    /// - Throws: `tooLarge` for what grows beyond the limits, `archiveInvalid` for what is damaged.
    public static func forEachPiece(
        of path: FilePath, limits: ArchiveLimits = .standard, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try Decompression.run(OpenFile(path, O_RDONLY), limits, body)
    }

    /// Gives each file of a zip, whole, with its name as it stands there: a name, not a path to write to.
    ///
    /// - Parameter largest: what a single file may have.
    /// - Throws: `tooLarge` for what exceeds the limits, `archiveInvalid` for what is damaged.
    public static func forEachFile(
        ofZip path: FilePath, limits: ArchiveLimits = .standard, largest: ByteSize, _ body: (String, [UInt8]) throws -> Void
    ) throws {
        let reader = try ArchiveReader(OpenFile(path, O_RDONLY))
        try reader.check(archive_read_support_format_zip(reader.handle))
        try UTF8Locale.with {
            try reader.open()
            var check = DecompressionGuard(limits)
            var count = 0
            while let entry = try nextEntry(reader) {
                count += 1
                guard count <= limits.entries else { throw StoreError.tooLarge("the zip", limit: "\(limits.entries) files") }
                guard archive_entry_filetype(entry) == S_IFREG, let name = archive_entry_pathname(entry) else { continue }
                let text = String(cString: name)
                try body(text, content(reader, name: text, largest: largest.bytes, &check))
            }
        }
    }

    private static func nextEntry(_ reader: ArchiveReader) throws -> OpaquePointer? {
        var entry: OpaquePointer?
        let code = archive_read_next_header(reader.handle, &entry)
        try reader.check(code)
        return code == ARCHIVE_EOF ? nil : entry
    }

    private static func content(
        _ reader: ArchiveReader, name: String, largest: Int, _ check: inout DecompressionGuard
    ) throws -> [UInt8] {
        var content: [UInt8] = []
        let piece = ChunkBuffer()
        while true {
            let count = archive_read_data(reader.handle, piece.bytes.baseAddress, piece.bytes.count)
            guard count >= 0 else {
                try reader.check(Int32(truncatingIfNeeded: count))
                throw StoreError.archive("'\(name)' in it is damaged")
            }
            guard count > 0 else { return content }
            guard content.count + count <= largest else { throw StoreError.tooLarge("'\(name)' in the zip", limit: "\(ByteSize(largest))") }
            content += piece.bytes[..<count]
            try check.count(count, consumed: reader.offset)
        }
    }
}
