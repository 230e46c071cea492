internal import CZstd

/// Compresses to zstd in the same way every time: one thread, blocks of 1 MiB, a checksum, no length in the header, and
/// every parameter of level 3 said by name, so that a library that changes its levels changes nothing here.
///
/// The bytes are part of every image's digest. A test holds them to what they were.
///
/// Source of the numbers: zstd 1.5, `lib/compress/clevels.h`, level 3 above 256 KiB.
final class ZstdEncoder: LayerEncoder {
    private let state: OpaquePointer
    private let output = ChunkBuffer()
    private let sink: (UnsafeRawBufferPointer) throws -> Void

    private static let parameters: [(ZSTD_cParameter, Int32)] = [
        (ZSTD_c_compressionLevel, 3), (ZSTD_c_windowLog, 21), (ZSTD_c_chainLog, 16), (ZSTD_c_hashLog, 17), (ZSTD_c_searchLog, 1),
        (ZSTD_c_minMatch, 5), (ZSTD_c_targetLength, 0), (ZSTD_c_strategy, 2), (ZSTD_c_enableLongDistanceMatching, 0),
        (ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 0), (ZSTD_c_dictIDFlag, 0), (ZSTD_c_nbWorkers, 0),
    ]

    /// The library's own version: `1.5.4`.
    static var libraryVersion: String { String(cString: ZSTD_versionString()) }

    init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let state = ZSTD_createCCtx() else { throw StoreError(.systemCallFailed, "there is no memory to compress a layer") }
        self.state = state
        self.sink = sink
        for (name, value) in Self.parameters { try Self.check(ZSTD_CCtx_setParameter(state, name, value)) }
    }

    deinit { ZSTD_freeCCtx(state) }

    func encode(_ block: UnsafeRawBufferPointer, isLast: Bool) throws {
        var source = ZSTD_inBuffer(src: block.baseAddress, size: block.count, pos: 0)
        while true {
            var target = ZSTD_outBuffer(dst: output.bytes.baseAddress, size: output.bytes.count, pos: 0)
            let rest = ZSTD_compressStream2(state, &target, &source, isLast ? ZSTD_e_end : ZSTD_e_continue)
            try Self.check(rest)
            if target.pos > 0 { try sink(UnsafeRawBufferPointer(rebasing: output.bytes[..<target.pos])) }
            if isLast ? rest == 0 : source.pos == source.size { return }
        }
    }

    private static func check(_ code: Int) throws {
        guard ZSTD_isError(code) != 0 else { return }
        throw StoreError(.systemCallFailed, "zstd could not compress a layer: \(String(cString: ZSTD_getErrorName(code)))")
    }
}
