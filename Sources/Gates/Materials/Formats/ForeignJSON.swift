internal import FoundationEssentials

/// JSON of others. Foundation's decoder stops at 512 levels.
enum ForeignJSON {
    /// `nil` for what is no such document, and for one with a key that an object has twice: of those Foundation takes the first, most others
    /// the last.
    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        guard let value = decodeAny(type, bytes), !RepeatedKeys.areIn(bytes) else { return nil }
        return value
    }

    static func decodeAny<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        // A byte order mark is what some editors write.
        let body = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        return try? JSONDecoder().decode(type, from: Data(body))
    }
}

/// Objects in JSON with a key twice. Source: RFC 8259, 4: what such an object says is not defined.
enum RepeatedKeys {
    /// - Parameter bytes: a document that a decoder has read; of another one the answer means nothing.
    static func areIn(_ bytes: [UInt8]) -> Bool {
        // Of each object or array that is open, the keys.
        var open: [Set<ArraySlice<UInt8>>] = []
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open.append([])
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: "\""):
                let end = endOfString(bytes, position + 1)
                if isKey(bytes, behind: end), !open.isEmpty {
                    let key = plain(bytes[(position + 1)..<end])
                    guard open[open.count - 1].insert(key).inserted else { return true }
                }
                position = end
            default: break
            }
            position += 1
        }
        return false
    }

    private static func endOfString(_ bytes: [UInt8], _ start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") { position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1 }
        return max(start, min(position, bytes.count))
    }

    private static func isKey(_ bytes: [UInt8], behind end: Int) -> Bool {
        var position = end + 1
        while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
        return position < bytes.count && bytes[position] == UInt8(ascii: ":")
    }

    /// Without escapes: `\u0061` is `a`.
    private static func plain(_ key: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard key.contains(UInt8(ascii: "\\")) else { return key }
        let quoted = [UInt8(ascii: "\"")] + key + [UInt8(ascii: "\"")]
        return (try? JSONDecoder().decode(String.self, from: Data(quoted))).map { Array($0.utf8)[...] } ?? key
    }
}

/// A value that is of another type than expected counts as missing, not as an error of the whole document.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    var value: Value?
    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}
