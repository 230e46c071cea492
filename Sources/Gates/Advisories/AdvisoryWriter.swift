internal import IngotModel

/// Writes the index: numbers as LEB128, texts with their length.
struct AdvisoryWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(_ count: Int) { write(UInt64(max(0, count))) }

    mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes += text.utf8
    }

    mutating func write<Item>(_ items: [Item], _ body: (inout Self, Item) -> Void) {
        write(items.count)
        for item in items { body(&self, item) }
    }

    mutating func write(_ advisory: Advisory) {
        write(advisory.id)
        write(advisory.aliases) { $0.write($1) }
        write(advisory.modified.map { $0.millisecondsSince1970 + 1 } ?? 0)
        write(advisory.severity.rank)
        write(advisory.scoreTenths.map { $0 + 1 } ?? 0)
        write(Int(advisory.status.rawValue))
        write(advisory.ranges) { writer, range in
            writer.write(range.allEvents) { writer, event in
                writer.write(Int(event.kind.rawValue))
                writer.write(event.version.text)
            }
        }
        write(advisory.versions) { $0.write($1.text) }
        write(advisory.summary)
    }
}
