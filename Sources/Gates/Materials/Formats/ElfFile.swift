/// The sections and segments of a program. Source: System V ABI, "Object Files" (ELF), both word lengths and byte orders.
///
/// All offsets and counts are the file's word: each is checked against its size, and against a limit.
struct ElfFile {
    struct Section {
        var name: String
        var offset: Int
        var size: Int
    }

    /// A range of memory that comes from the file.
    struct Segment {
        var offset: Int
        var address: UInt64
        var size: Int
        var isWritable: Bool
    }

    let size: Int
    let isWide: Bool
    let isBigEndian: Bool
    private(set) var sections: [Section] = []
    private(set) var segments: [Segment] = []
    private let readBytes: (Range<Int>) throws -> [UInt8]

    static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]

    /// `nil` when it is no ELF file, or its header is nonsense.
    init?(size: Int, read: @escaping (Range<Int>) throws -> [UInt8]) throws {
        self.size = size
        readBytes = read
        let header = try read(0..<min(64, size))
        guard header.count >= 52, header.starts(with: Self.magic), [1, 2].contains(header[4]), [1, 2].contains(header[5]) else { return nil }
        isWide = header[4] == 2
        isBigEndian = header[5] == 2
        guard !isWide || header.count == 64 else { return nil }
        segments = try readSegments(header)
        sections = try readSections(header)
    }

    /// What of the range is in the file, at most `limit` bytes.
    func bytes(at offset: Int, count: Int, limit: Int) throws -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        return try readBytes(offset..<(offset + min(count, limit, size - offset)))
    }

    func section(_ name: String) -> Section? { sections.first { $0.name == name } }

    func bytes(ofAddress address: UInt64, count: Int) throws -> [UInt8]? {
        guard let segment = segments.first(where: { $0.address <= address && address - $0.address < UInt64($0.size) }) else { return nil }
        let inside = Int(address - segment.address)
        guard count <= segment.size - inside else { return nil }
        let bytes = try bytes(at: segment.offset + inside, count: count, limit: count)
        return bytes.count == count ? bytes : nil
    }

    func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        guard offset >= 0, count <= 8, offset + count <= bytes.count else { return 0 }
        let part = bytes[offset..<(offset + count)]
        return (isBigEndian ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number that is a place or a length in the file; `nil` when it can't be.
    private func place(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int? {
        let value = number(bytes, offset, count)
        return value <= UInt64(size) ? Int(value) : nil
    }

    private func table(_ start: Int?, count: Int, entry: Int, smallest: Int) throws -> [UInt8] {
        guard let start, start > 0, count > 0, count <= MaterialLimits.elfSections, (smallest...1024).contains(entry) else { return [] }
        return try bytes(at: start, count: count * entry, limit: count * entry)
    }

    private func readSegments(_ header: [UInt8]) throws -> [Segment] {
        let entry = Int(number(header, isWide ? 54 : 42, 2))
        let count = Int(number(header, isWide ? 56 : 44, 2))
        let table = try table(place(header, isWide ? 32 : 28, isWide ? 8 : 4), count: count, entry: entry, smallest: isWide ? 56 : 32)
        guard entry > 0 else { return [] }
        return (0..<(table.count / entry)).compactMap { index in
            let start = index * entry
            guard number(table, start, 4) == 1 else { return nil }
            let flags = number(table, start + (isWide ? 4 : 24), 4)
            guard let offset = place(table, start + (isWide ? 8 : 4), isWide ? 8 : 4),
                let length = place(table, start + (isWide ? 32 : 16), isWide ? 8 : 4)
            else { return nil }
            return Segment(
                offset: offset, address: number(table, start + (isWide ? 16 : 8), isWide ? 8 : 4), size: min(length, size - offset),
                isWritable: flags & 2 != 0)
        }
    }

    private func readSections(_ header: [UInt8]) throws -> [Section] {
        let entry = Int(number(header, isWide ? 58 : 46, 2))
        let count = Int(number(header, isWide ? 60 : 48, 2))
        let names = Int(number(header, isWide ? 62 : 50, 2))
        let table = try table(place(header, isWide ? 40 : 32, isWide ? 8 : 4), count: count, entry: entry, smallest: isWide ? 64 : 40)
        guard entry > 0, !table.isEmpty, names < table.count / entry else { return [] }
        func extent(_ index: Int) -> (Int, Int)? {
            let start = index * entry
            guard let offset = place(table, start + (isWide ? 24 : 16), isWide ? 8 : 4),
                let length = place(table, start + (isWide ? 32 : 20), isWide ? 8 : 4), length <= size - offset
            else { return nil }
            return (offset, length)
        }
        guard let (offset, length) = extent(names) else { return [] }
        let text = try bytes(at: offset, count: length, limit: 1 << 20)
        return (0..<(table.count / entry)).compactMap { index in
            let name = Int(number(table, index * entry, 4))
            guard name < text.count, let (offset, length) = extent(index) else { return nil }
            return Section(name: String(decoding: text[name...].prefix(64).prefix { $0 != 0 }, as: UTF8.self), offset: offset, size: length)
        }
    }
}
