internal import CISAL
internal import CZstd
internal import Glibc
internal import IngotModel

/// How an archive is compressed, known by its first bytes.
enum Compression {
    case none, gzip, zstd, xz, bzip2

    init(magic: [UInt8]) {
        if magic.starts(with: [0x1f, 0x8b]) {
            self = .gzip
        } else if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
            self = .zstd
        } else if magic.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
            self = .xz
        } else if magic.starts(with: [0x42, 0x5a, 0x68]) {
            self = .bzip2
        } else {
            self = .none
        }
    }
}

/// Counts what comes out of a decompressor against what went in, and stops a bomb.
struct DecompressionGuard {
    let limits: ArchiveLimits
    private(set) var produced = 0

    init(_ limits: ArchiveLimits) { self.limits = limits }

    mutating func count(_ bytes: Int, consumed: Int) throws {
        produced += bytes
        // Headers come on top of content.
        let largest = limits.bytes.bytes.addingReportingOverflow(limits.entries.multipliedReportingOverflow(by: 1024).partialValue)
        guard largest.overflow || produced <= largest.partialValue else {
            throw StoreError.tooLarge("the decompressed archive", limit: "\(limits.bytes)")
        }
        guard produced > limits.decompressionFloor.bytes else { return }
        guard produced / max(1, consumed) < limits.decompressionRatio else {
            throw StoreError.tooLarge("the decompressed archive", limit: "\(limits.decompressionRatio) times its compressed size")
        }
    }
}

/// Decompresses a file from front to back, giving the bytes in pieces.
enum Decompression {
    static func run(_ file: OpenFile, _ limits: ArchiveLimits, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        var magic = [UInt8](repeating: 0, count: 6)
        let count = try magic.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        switch Compression(magic: Array(magic.prefix(count))) {
        case .none: try copy(file, limits, sink)
        case .gzip: try gunzip(file, limits, sink)
        case .zstd: try unzstd(file, limits, sink)
        case .xz, .bzip2: try ArchiveFilter.run(file, limits, sink)
        }
    }

    private static func copy(_ file: OpenFile, _ limits: ArchiveLimits, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        var check = DecompressionGuard(limits)
        let input = ChunkBuffer()
        while true {
            let count = try file.read(into: input.bytes, at: check.produced)
            guard count > 0 else { return }
            try sink(UnsafeRawBufferPointer(rebasing: input.bytes[..<count]))
            try check.count(count, consumed: check.produced + count)
        }
    }

    /// Source: RFC 1952; several members one after the other are one file.
    private static func gunzip(_ file: OpenFile, _ limits: ArchiveLimits, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let state = ingot_inflate_new() else { throw StoreError(.systemCallFailed, "there is no memory to decompress a layer") }
        defer { ingot_inflate_free(state) }
        var check = DecompressionGuard(limits)
        let input = ChunkBuffer()
        let output = ChunkBuffer()
        var offset = 0
        var isFinished: Int32 = 0
        while true {
            let count = try file.read(into: input.bytes, at: offset)
            guard count > 0 else { break }
            var rest = UnsafeRawBufferPointer(rebasing: input.bytes[..<count])
            repeat {
                if isFinished != 0 {
                    // Zeros behind the last member are padding. Source: gzip(1).
                    guard rest.first == 0x1f else { return }
                    ingot_inflate_reset(state)
                }
                var consumed: UInt32 = 0
                var produced: UInt32 = 0
                let code = ingot_inflate_step(
                    state, rest.bindMemory(to: UInt8.self).baseAddress, UInt32(clamping: rest.count),
                    output.bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(clamping: output.bytes.count), &consumed, &produced, &isFinished)
                guard code >= 0, consumed > 0 || produced > 0 || isFinished != 0 else {
                    throw StoreError.archive("its gzip form is damaged (code \(code))")
                }
                offset += Int(consumed)
                rest = UnsafeRawBufferPointer(rebasing: rest[Int(consumed)...])
                try sink(UnsafeRawBufferPointer(rebasing: output.bytes[..<Int(produced)]))
                try check.count(Int(produced), consumed: offset)
                if produced < output.bytes.count, isFinished == 0, rest.isEmpty { break }
            } while !rest.isEmpty || (isFinished == 0)
        }
        guard isFinished != 0 else { throw StoreError.archive("its gzip form ends too early") }
    }

    /// Source: RFC 8878.
    private static func unzstd(_ file: OpenFile, _ limits: ArchiveLimits, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let state = ZSTD_createDStream() else { throw StoreError(.systemCallFailed, "there is no memory to decompress a layer") }
        defer { ZSTD_freeDStream(state) }
        var check = DecompressionGuard(limits)
        let input = ChunkBuffer()
        let output = ChunkBuffer()
        var offset = 0
        var hint = 0
        while true {
            let count = try file.read(into: input.bytes, at: offset)
            guard count > 0 else { break }
            var source = ZSTD_inBuffer(src: input.bytes.baseAddress, size: count, pos: 0)
            var isFull = false
            while source.pos < count || isFull {
                var target = ZSTD_outBuffer(dst: output.bytes.baseAddress, size: output.bytes.count, pos: 0)
                hint = ZSTD_decompressStream(state, &target, &source)
                guard ZSTD_isError(hint) == 0 else {
                    throw StoreError.archive("its zstd form is damaged: \(String(cString: ZSTD_getErrorName(hint)))")
                }
                isFull = target.pos == output.bytes.count
                try sink(UnsafeRawBufferPointer(rebasing: output.bytes[..<target.pos]))
                try check.count(target.pos, consumed: offset + source.pos)
            }
            offset += count
        }
        guard hint == 0 else { throw StoreError.archive("its zstd form ends too early") }
    }
}
