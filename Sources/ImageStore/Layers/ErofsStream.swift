internal import Glibc
internal import IngotModel

/// An EROFS image on its way: the parts of a plan, in the plan's order, into one file.
final class ErofsStream {
    let plan: ErofsPlan
    private let file: TemporaryFile
    private let data: BlockOutput
    private let metadata: BlockOutput
    private var next = 0
    /// How much of the current item's content has come.
    private var received = 0

    init(_ plan: ErofsPlan, to file: TemporaryFile) throws {
        self.plan = plan
        self.file = file
        data = BlockOutput(file, from: 0)
        metadata = BlockOutput(file, from: plan.metadataBlock * ErofsFormat.blockLength)
        try ErofsFormat.block(of: plan.superblock).withUnsafeBytes { try data.append($0) }
    }

    /// Writes the inode of the plan's next item. Its content follows by `append`, then `end`.
    func begin() throws {
        let item = plan.items[next]
        try metadata.pad(to: item.offset)
        try item.inode.bytes().withUnsafeBytes { try metadata.append($0) }
        try item.attributes.withUnsafeBytes { try metadata.append($0) }
        received = 0
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        let room = max(0, plan.items[next].blockBytes - received)
        let count = min(room, bytes.count)
        received += bytes.count
        if count > 0 { try data.append(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
        if count < bytes.count { try metadata.append(UnsafeRawBufferPointer(rebasing: bytes[count...])) }
    }

    func end() throws {
        try data.pad(to: ErofsFormat.aligned(data.position, to: ErofsFormat.blockLength))
        next += 1
    }

    /// Gives the image its own UUID. Returns the digest of the whole file, taken with the common UUID, and its length.
    func finish() throws -> (digest: Digest, size: Int) {
        try metadata.pad(to: ErofsFormat.aligned(metadata.position, to: ErofsFormat.blockLength))
        try data.flush()
        try metadata.flush()
        try file.file.extend(to: metadata.end)
        // The inodes were written beside the content; now they are hashed behind it.
        var hash = data.hash
        let chunk = ChunkBuffer()
        while true {
            let count = try file.file.read(into: chunk.bytes, at: hash.count)
            guard count > 0 else { break }
            hash.update(UnsafeRawBufferPointer(rebasing: chunk.bytes[..<count]))
        }
        let digest = hash.digest()
        let first = ErofsFormat.block(ErofsFormat.block(of: plan.superblock), with: ErofsFormat.uuid(of: digest))
        try first.withUnsafeBytes { try file.file.write($0, at: 0) }
        return (digest, hash.count)
    }
}

/// A part of a file that is written from front to back in large pieces, and hashed.
private final class BlockOutput {
    private let file: TemporaryFile
    private let start: Int
    private let buffer = ChunkBuffer()
    private var filled = 0
    private(set) var hash = ContentHash()

    init(_ file: TemporaryFile, from start: Int) {
        self.file = file
        self.start = start
    }

    /// Where the part ends in the file.
    var end: Int { start + position }

    /// In bytes from where the part begins.
    var position: Int { hash.count + filled }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        // What is large goes past the buffer.
        if bytes.count >= buffer.bytes.count {
            try flush()
            return try write(bytes)
        }
        if filled + bytes.count > buffer.bytes.count { try flush() }
        UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[filled...]).copyMemory(from: bytes)
        filled += bytes.count
    }

    func pad(to position: Int) throws {
        while self.position < position {
            if filled == buffer.bytes.count { try flush() }
            let count = min(position - self.position, buffer.bytes.count - filled)
            UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[filled..<(filled + count)]).initializeMemory(as: UInt8.self, repeating: 0)
            filled += count
        }
    }

    func flush() throws {
        guard filled > 0 else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<filled])
        filled = 0
        try write(bytes)
    }

    /// What is all zeros becomes a hole: a sparse file of a terabyte must not take one.
    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        if !bytes.isZero {
            try file.file.write(bytes, at: start + hash.count)
            file.file.beginWriteback(at: start + hash.count, count: bytes.count)
        }
        hash.update(bytes)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether there is nothing but zeros. Content that is not is told by its first bytes, so this costs it nothing.
    var isZero: Bool {
        guard let start = baseAddress, count > 0, self[0] == 0 else { return isEmpty }
        return count == 1 || memcmp(start, start + 1, count - 1) == 0
    }
}
