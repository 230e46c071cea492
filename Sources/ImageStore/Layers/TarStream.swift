internal import IngotModel

/// An archive on its way: hashed as it is (the diffID), compressed, hashed again (the blob's digest) and written.
///
/// Compressing goes on behind the caller's back, also after `end`: what a layer is, is known before its blob is done.
final class TarStream {
    private var block = ChunkBuffer()
    private var filled = 0
    private var archiveHash = ContentHash()
    private let blob: HashedOutput
    private let compression: BackgroundBlocks

    init(to file: TemporaryFile, _ kind: LayerCompression) throws {
        let blob = HashedOutput(file)
        let encoder = try kind.encoder { try blob.append($0) }
        self.blob = blob
        compression = BackgroundBlocks { try encoder.encode($0, isLast: $1) }
    }

    /// The work must be over before its file goes away.
    deinit { try? compression.finish() }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, block.bytes.count - filled)
            UnsafeMutableRawBufferPointer(rebasing: block.bytes[filled...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            filled += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if filled == block.bytes.count { try flush(isLast: false) }
        }
    }

    func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }

    func appendPadding(after count: Int) throws { try append([UInt8](repeating: 0, count: TarHeader.padding(after: count))) }

    /// Ends the archive with its two empty blocks. Returns what it is, and how long.
    func end() throws -> (diffID: Digest, size: Int) {
        try append([UInt8](repeating: 0, count: 2 * TarHeader.blockLength))
        return try endAsItIs()
    }

    /// Ends an archive that came with its own end.
    func endAsItIs() throws -> (diffID: Digest, size: Int) {
        try flush(isLast: true)
        return (archiveHash.digest(), archiveHash.count)
    }

    /// Waits until all is compressed and written.
    func finish() throws -> (blob: Digest, size: Int) {
        try compression.finish()
        return (blob.hash.digest(), blob.hash.count)
    }

    private func flush(isLast: Bool) throws {
        archiveHash.update(UnsafeRawBufferPointer(rebasing: block.bytes[..<filled]))
        try compression.submit(block, count: filled, isLast: isLast)
        block = ChunkBuffer()
        filled = 0
    }
}

/// A file that is written from front to back and hashed on the way.
final class HashedOutput {
    private let file: TemporaryFile
    private(set) var hash = ContentHash()

    init(_ file: TemporaryFile) { self.file = file }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try file.file.write(bytes, at: hash.count)
        file.file.beginWriteback(at: hash.count, count: bytes.count)
        hash.update(bytes)
    }
}
