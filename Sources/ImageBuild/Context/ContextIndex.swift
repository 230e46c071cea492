import Glibc
import SystemPackage

/// Which digest the content of each file of a context had when it was read last.
///
/// An entry holds for exactly one ``FileIdentity``. A file that changed as late as the reading began may change
/// again without its times showing it, so it is not kept: the next build reads it again.
struct ContextIndex: Sendable {
    /// More files than this are read again in every build.
    static let mostEntries = 1_000_000

    private(set) var entries: [FileIdentity: ContentDigest] = [:]
    private static let mark: [UInt8] = Array("INGOTIX1".utf8)
    private static let entrySize = 5 * 8 + ContentDigest.size

    init() {}

    subscript(identity: FileIdentity) -> ContentDigest? { entries[identity] }

    /// - Parameter readingBegan: in nanoseconds since 1970, by the clock that stamps files.
    mutating func insert(_ digest: ContentDigest, for identity: FileIdentity, readingBegan: Int64) {
        guard identity.changed < readingBegan, identity.modified < readingBegan, entries.count < Self.mostEntries else { return }
        entries[identity] = digest
    }

    /// Forgets what a build has not seen once that is more than what it has: so the index does not grow with what was deleted, and two
    /// Dockerfiles that copy from different folders of one context do not make each other forget.
    mutating func forget(allBut seen: Set<FileIdentity>) {
        let kept = entries.filter { seen.contains($0.key) }
        if entries.count > 2 * kept.count { entries = kept }
    }

    /// The moment by the clock from which the kernel stamps files.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return FileIdentity.nanoseconds(time)
    }

    // MARK: Bytes

    /// Reads what ``bytes`` wrote; anything else is an empty index, and every file is read again.
    init(bytes: [UInt8]) {
        guard bytes.starts(with: Self.mark) else { return }
        let body = bytes.dropFirst(Self.mark.count)
        guard body.count % Self.entrySize == 0, body.count / Self.entrySize <= Self.mostEntries else { return }
        entries.reserveCapacity(body.count / Self.entrySize)
        body.withUnsafeBytes { raw in
            for start in stride(from: 0, to: raw.count, by: Self.entrySize) { readEntry(raw, at: start) }
        }
    }

    private mutating func readEntry(_ raw: UnsafeRawBufferPointer, at start: Int) {
        func number<Number: FixedWidthInteger & BitwiseCopyable>(_ place: Int, _ type: Number.Type) -> Number {
            Number(littleEndian: raw.loadUnaligned(fromByteOffset: start + place * 8, as: type))
        }
        let identity = FileIdentity(
            device: number(0, UInt64.self), inode: number(1, UInt64.self), size: number(2, Int64.self), modified: number(3, Int64.self),
            changed: number(4, Int64.self))
        entries[identity] = ContentDigest(raw[(start + 40)..<(start + Self.entrySize)])
    }

    var bytes: [UInt8] {
        var bytes = Self.mark
        bytes.reserveCapacity(bytes.count + entries.count * Self.entrySize)
        for (identity, digest) in entries {
            for number in [
                identity.device, identity.inode, UInt64(bitPattern: identity.size), UInt64(bitPattern: identity.modified),
                UInt64(bitPattern: identity.changed),
            ] { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
            digest.withBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
