/// The 512 bytes before a file in an archive, and the extended header before them where they do not suffice.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; extended attributes as
/// `SCHILY.xattr.NAME`, as star, GNU tar, Docker and libarchive write them.
struct TarHeader {
    enum Kind: UInt8 {
        case regular = 0x30, hardLink, symbolicLink, characterDevice, blockDevice, folder, fifo
        case extended = 0x78
    }

    var path: [UInt8]
    var kind: Kind
    var metadata: FileMetadata
    var size = 0
    var linkTarget: [UInt8] = []
    var device = DeviceNumber(major: 0, minor: 0)

    static let blockLength = 512

    /// The header with all that belongs before it. The same values give the same bytes.
    func bytes() -> [UInt8] {
        let records = extendedRecords()
        guard !records.isEmpty else { return block() }
        let body = records.flatMap { Self.record($0.key, $0.value) }
        let header = TarHeader(
            path: Array("PaxHeaders.0/".utf8) + path.suffix(80), kind: .extended, metadata: FileMetadata(mode: 0o644), size: body.count)
        return header.block() + body + [UInt8](repeating: 0, count: Self.padding(after: body.count)) + block()
    }

    static func padding(after count: Int) -> Int { (blockLength - count % blockLength) % blockLength }

    /// What the fixed header cannot say, in the order of keys.
    private func extendedRecords() -> [(key: String, value: [UInt8])] {
        var records: [(key: String, value: [UInt8])] = []
        for (name, value) in metadata.attributes { records.append(("SCHILY.xattr.\(name)", value)) }
        if metadata.groupID >= Self.limit(digits: 7) { records.append(("gid", Array("\(metadata.groupID)".utf8))) }
        if linkTarget.count > 100 { records.append(("linkpath", linkTarget)) }
        if !Self.fits(seconds: metadata.modified.seconds) { records.append(("mtime", Array("\(metadata.modified.seconds)".utf8))) }
        if Self.split(path) == nil { records.append(("path", path)) }
        if size >= Self.limit(digits: 11) { records.append(("size", Array("\(size)".utf8))) }
        if metadata.userID >= Self.limit(digits: 7) { records.append(("uid", Array("\(metadata.userID)".utf8))) }
        return records.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
    }

    /// `LENGTH KEY=VALUE\n`, where the length counts itself.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(key)=".utf8) + value + [0x0a]
        var length = rest.count
        while rest.count + String(length).utf8.count != length { length = rest.count + String(length).utf8.count }
        return Array(String(length).utf8) + rest
    }

    private func block() -> [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockLength)
        let (prefix, name) = Self.split(path) ?? ([], Array(path.prefix(100)))
        put(name, at: 0, in: &block)
        put(Self.octal(Int(metadata.mode), digits: 7), at: 100, in: &block)
        put(Self.octal(Int(metadata.userID), digits: 7), at: 108, in: &block)
        put(Self.octal(Int(metadata.groupID), digits: 7), at: 116, in: &block)
        put(Self.octal(size, digits: 11), at: 124, in: &block)
        put(Self.octal(Int(clamping: metadata.modified.seconds), digits: 11), at: 136, in: &block)
        block[156] = kind.rawValue
        put(Array(linkTarget.prefix(100)), at: 157, in: &block)
        put(Array("ustar\u{0}00".utf8), at: 257, in: &block)
        if kind == .characterDevice || kind == .blockDevice {
            put(Self.octal(Int(device.major), digits: 7), at: 329, in: &block)
            put(Self.octal(Int(device.minor), digits: 7), at: 337, in: &block)
        }
        put(prefix, at: 345, in: &block)
        putChecksum(in: &block)
        return block
    }

    private func putChecksum(in block: inout [UInt8]) {
        put([UInt8](repeating: 0x20, count: 8), at: 148, in: &block)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(Self.octal(sum, digits: 6) + [0, 0x20], at: 148, in: &block)
    }

    private func put(_ bytes: [UInt8], at offset: Int, in block: inout [UInt8]) {
        for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
    }

    /// Splits a path so that it fits into the two fields of the header; `nil` when it cannot be.
    static func split(_ path: [UInt8]) -> (prefix: [UInt8], name: [UInt8])? {
        if path.count <= 100 { return ([], path) }
        guard path.count <= 256 else { return nil }
        // The first slash that leaves a name short enough; a folder's own last slash does not count.
        let first = path.count - 101
        guard let slash = path.indices.dropLast().first(where: { $0 >= first && path[$0] == UInt8(ascii: "/") }), slash > 0, slash <= 155
        else { return nil }
        return (Array(path[..<slash]), Array(path[(slash + 1)...]))
    }

    private static func limit(digits: Int) -> Int { 1 << (3 * digits) }
    private static func fits(seconds: Int64) -> Bool { seconds >= 0 && seconds < limit(digits: 11) }

    /// Octal digits with zeros before them; zero for what does not fit, which then stands in the extended header.
    private static func octal(_ number: Int, digits: Int) -> [UInt8] {
        let fitting = number >= 0 && number < limit(digits: digits) ? number : 0
        let text = Array(String(fitting, radix: 8).utf8)
        return [UInt8](repeating: 0x30, count: digits - text.count) + text
    }
}
