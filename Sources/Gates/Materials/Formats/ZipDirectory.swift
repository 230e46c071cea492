internal import ImageStore

/// The entries of a zip archive in memory. Source: PKWARE, APPNOTE.TXT 6.3.10, without ZIP64, encryption and other methods than stored and deflated.
struct ZipDirectory {
    struct Entry {
        var name: String
        var method: Int
        var compressedSize: Int
        var offset: Int
    }

    let bytes: [UInt8]
    private(set) var entries: [Entry] = []

    /// How much was put before the archive, such as a script that starts it: offsets count from behind it.
    private var prefix = 0

    /// `nil` when it is no zip, is damaged, or has more entries than the limit.
    init?(_ bytes: [UInt8], limit: Int = MaterialLimits.archiveEntries) {
        self.bytes = bytes
        guard let end = Self.end(bytes) else { return nil }
        let count = number(end + 10, 2)
        let size = number(end + 12, 4)
        var position = end - size
        prefix = position - number(end + 16, 4)
        guard count <= limit, position >= 0, prefix >= 0 else { return nil }
        for _ in 0..<count {
            guard position + 46 <= bytes.count, number(position, 4) == 0x0201_4b50 else { return nil }
            let nameLength = number(position + 28, 2)
            let next = position + 46 + nameLength + number(position + 30, 2) + number(position + 32, 2)
            guard next <= bytes.count else { return nil }
            entries.append(
                Entry(
                    name: String(decoding: bytes[(position + 46)..<(position + 46 + nameLength)], as: UTF8.self), method: number(position + 10, 2),
                    compressedSize: number(position + 20, 4), offset: number(position + 42, 4)))
            position = next
        }
        // More than the end counts would be read by others, and not here.
        guard position == end else { return nil }
    }

    /// The entry's content; `nil` when it is damaged, encrypted, or larger than the limit, whatever its header says.
    func content(_ entry: Entry, limit: Int) -> [UInt8]? {
        let header = prefix + entry.offset
        guard header + 30 <= bytes.count, number(header, 4) == 0x0403_4b50, number(header + 6, 2) & 1 == 0 else { return nil }
        let start = header + 30 + number(header + 26, 2) + number(header + 28, 2)
        guard start <= bytes.count, entry.compressedSize <= bytes.count - start else { return nil }
        guard entry.method != 0 || entry.compressedSize <= limit else { return nil }
        let packed = Array(bytes[start..<(start + entry.compressedSize)])
        switch entry.method {
        case 0: return packed
        case 8: return Inflation.bytes(packed, .bare, limit: limit)
        default: return nil
        }
    }

    /// The record at the end, behind which is a comment of at most 65,535 bytes.
    private static func end(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 22 else { return nil }
        var position = bytes.count - 22
        let lowest = max(0, position - 65_535)
        while position >= lowest {
            let isRecord = bytes[position] == 0x50 && bytes[position + 1] == 0x4b && bytes[position + 2] == 5 && bytes[position + 3] == 6
            // A comment may hold what looks like a record; the real one's comment ends with the file.
            if isRecord, position + 22 + Int(bytes[position + 20]) + Int(bytes[position + 21]) << 8 == bytes.count { return position }
            position -= 1
        }
        return nil
    }

    /// Little-endian, of at most four bytes; 0 behind the end.
    private func number(_ offset: Int, _ count: Int) -> Int {
        guard offset >= 0, offset + count <= bytes.count else { return 0 }
        return bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
