internal import CArchive
internal import Glibc
internal import IngotModel

/// A handle of libarchive that reads, with only what we let it know. It parses; nothing here lets it write.
final class ArchiveReader {
    let handle: OpaquePointer
    private let file: OpenFile
    private let buffer = ChunkBuffer()
    private(set) var offset = 0
    /// Where in the file the buffer's content is from.
    private var bufferStart = 0
    /// An error of ours while libarchive was asking for bytes.
    private var failure: (any Error)?

    init(_ file: OpenFile) throws {
        guard let handle = archive_read_new() else { throw StoreError(.systemCallFailed, "there is no memory to read an archive") }
        self.handle = handle
        self.file = file
    }

    deinit { archive_read_free(handle) }

    func open() throws {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let code = archive_read_open(
            handle, context, nil,
            { _, context, block in
                guard let context else { return -1 }
                return Unmanaged<ArchiveReader>.fromOpaque(context).takeUnretainedValue().next(block)
            }, nil)
        try check(code)
    }

    private func next(_ block: UnsafeMutablePointer<UnsafeRawPointer?>?) -> la_ssize_t {
        do {
            let count = try file.read(into: buffer.bytes, at: offset)
            bufferStart = offset
            offset += count
            block?.pointee = UnsafeRawPointer(buffer.bytes.baseAddress)
            return count
        } catch {
            failure = error
            return -1
        }
    }

    /// Where in the file the byte is that libarchive points to; `nil` when it points into memory of its own.
    func position(of byte: UnsafeRawPointer) -> Int? {
        guard let base = buffer.bytes.baseAddress else { return nil }
        let distance = byte - UnsafeRawPointer(base)
        return (0..<offset - bufferStart).contains(distance) ? bufferStart + distance : nil
    }

    /// Warnings are about text that this locale cannot show, or attributes it does not know; the rest is damage.
    func check(_ code: Int32) throws {
        guard code != ARCHIVE_OK, code != ARCHIVE_WARN, code != ARCHIVE_EOF else { return }
        if let failure { throw failure }
        let reason = archive_error_string(handle).map { String(cString: $0) } ?? "it is damaged"
        throw StoreError.archive(reason)
    }
}

/// Decompression by libarchive of what is rare.
enum ArchiveFilter {
    static func run(_ file: OpenFile, _ limits: ArchiveLimits, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        let reader = try ArchiveReader(file)
        try reader.check(archive_read_support_filter_xz(reader.handle))
        try reader.check(archive_read_support_filter_bzip2(reader.handle))
        try reader.check(archive_read_support_format_raw(reader.handle))
        try reader.open()
        var entry: OpaquePointer?
        let code = archive_read_next_header(reader.handle, &entry)
        try reader.check(code)
        guard code != ARCHIVE_EOF else { return }
        var check = DecompressionGuard(limits)
        let output = ChunkBuffer()
        while true {
            let count = archive_read_data(reader.handle, output.bytes.baseAddress, output.bytes.count)
            guard count >= 0 else { return try reader.check(Int32(truncatingIfNeeded: count)) }
            guard count > 0 else { return }
            try sink(UnsafeRawBufferPointer(rebasing: output.bytes[..<count]))
            try check.count(count, consumed: reader.offset)
        }
    }
}
