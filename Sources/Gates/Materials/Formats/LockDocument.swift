internal import FoundationEssentials

/// The part of TOML that lock files of Cargo, Poetry and uv are written in: tables that repeat, of plain strings.
enum LockTables {
    /// The string values of each `[[name]]`, in order.
    static func read(_ bytes: [UInt8], table: String) -> [[String: String]] {
        var tables: [[String: String]] = []
        var isInside = false
        for line in ByteLines(bytes) {
            let line = line.trimmed
            if line.first == UInt8(ascii: "[") {
                isInside = line.elementsEqual("[[\(table)]]".utf8)
                if isInside { tables.append([:]) }
            } else if isInside, let (key, value) = line.split(at: UInt8(ascii: "=")), let text = string(value.trimmed) {
                tables[tables.count - 1][key.trimmed.text] = text
            }
        }
        return tables
    }

    /// A basic or literal string without escapes, which names and versions have none of.
    private static func string(_ value: ArraySlice<UInt8>) -> String? {
        guard let quote = value.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let end = value.dropFirst().firstIndex(of: quote)
        else { return nil }
        return value[(value.startIndex + 1)..<end].text
    }
}

/// JSON of others. Foundation's decoder stops at 512 levels.
enum ForeignJSON {
    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        // A byte order mark is what some editors write.
        let body = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        return try? JSONDecoder().decode(type, from: Data(body))
    }
}

/// A value that is of another type than expected counts as missing, not as an error of the whole document.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    var value: Value?
    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}
