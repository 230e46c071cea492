/// The part of TOML that lock files of Cargo, Poetry and uv are written in: tables that repeat. Source: TOML 1.0.0.
///
/// Values that nobody asks for are passed over, and not blindly: a file that is no TOML, or ends within a value, says nothing that counts.
struct LockTables {
    enum Value: Hashable {
        case string(String)
        /// As it is written, without what is on further lines.
        case other(String)
    }

    struct Malformed: Error, CustomStringConvertible {
        var line: Int
        var what: String
        var description: String { "line \(line) \(what)" }
    }

    private let name: [UInt8]
    private var tables: [[String: Value]] = []
    private var isInside = false
    private var isEmptyList = false
    private var value = TOMLValue()

    /// The values of each `[[name]]`, in order.
    static func read(_ bytes: [UInt8], table name: String) throws(Malformed) -> [[String: Value]] {
        var tables = LockTables(name: Array(name.utf8))
        var number = 0
        for line in ByteLines(bytes) {
            number += 1
            if let what = tables.mistake(in: line) { throw Malformed(line: number, what: what) }
        }
        guard tables.value.isComplete else { throw Malformed(line: number, what: "ends within a value") }
        guard !tables.tables.isEmpty || tables.isEmptyList else { throw Malformed(line: number, what: "is the last, and there was no [[\(name)]]") }
        return tables.tables
    }

    private init(name: [UInt8]) { self.name = name }

    private mutating func mistake(in line: ArraySlice<UInt8>) -> String? {
        guard value.isComplete else { return value.pass(line) ? nil : "does not go on with the value before" }
        let line = line.trimmed
        guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
        return first == UInt8(ascii: "[") ? header(line) : assignment(line)
    }

    private mutating func header(_ line: ArraySlice<UInt8>) -> String? {
        // Blanks and quotes around a name mean nothing, and a comment may follow.
        let plain = line.prefix { $0 != UInt8(ascii: "#") }.filter { !" \t\"'".utf8.contains($0) }
        isInside = plain.elementsEqual("[[".utf8 + name + "]]".utf8)
        if isInside { tables.append([:]) }
        guard value.pass(line), value.isComplete else { return "is no name of a table" }
        return nil
    }

    private mutating func assignment(_ line: ArraySlice<UInt8>) -> String? {
        guard let (key, trimmed) = Self.parts(line), !trimmed.isEmpty else { return "is no key with a value" }
        guard value.pass(trimmed) else { return "has a value that is none" }
        if tables.isEmpty, key.elementsEqual(name), trimmed.elementsEqual("[]".utf8) { isEmptyList = true }
        guard isInside else { return nil }
        let written = Self.string(trimmed).map(Value.string) ?? .other(trimmed.text)
        guard tables[tables.count - 1].updateValue(written, forKey: key.text) == nil else { return "has a key for the second time" }
        return nil
    }

    /// A bare or dotted key, or a quoted one, and what is behind the `=`.
    private static func parts(_ line: ArraySlice<UInt8>) -> (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        if let quote = line.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            guard let end = line.dropFirst().firstIndex(of: quote) else { return nil }
            let rest = line[(end + 1)...].trimmed
            return rest.first == UInt8(ascii: "=") ? (line[...end], rest.dropFirst().trimmed) : nil
        }
        guard let (key, value) = line.split(at: UInt8(ascii: "=")) else { return nil }
        let name = key.trimmed
        let isKey = !name.isEmpty && name.allSatisfy { Alphabet.word.contains($0) || "-.\"' ".utf8.contains($0) }
        return isKey ? (name, value.trimmed) : nil
    }

    /// A basic or literal string on one line, without escapes, which names and versions have none of.
    private static func string(_ value: ArraySlice<UInt8>) -> String? {
        guard let quote = value.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let end = value.dropFirst().firstIndex(of: quote)
        else { return nil }
        let text = value[(value.startIndex + 1)..<end]
        return text.isEmpty || text.contains(UInt8(ascii: "\\")) ? nil : text.text
    }
}

/// Where a value stands at the end of a line: within how many brackets, and within which string of several lines.
private struct TOMLValue {
    private var depth = 0
    private var quote: UInt8?

    var isComplete: Bool { depth == 0 && quote == nil }

    /// Takes up a line, or the rest of one. `false` when a bracket or a string is closed that was not opened, or the other way round.
    mutating func pass(_ line: ArraySlice<UInt8>) -> Bool {
        var position = line.startIndex
        while position < line.endIndex {
            if let quote {
                position = endOfLines(line, position, quote)
                continue
            }
            let byte = line[position]
            position += 1
            switch byte {
            case UInt8(ascii: "#"): return true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth < 0 { return false }
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if Self.isTriple(line, position - 1, byte) {
                    quote = byte
                    position += 2
                } else if let end = Self.end(line, position, byte) {
                    position = end
                } else {
                    return false
                }
            default: if byte < 32, byte != 9 { return false }
            }
        }
        return true
    }

    private static func isTriple(_ line: ArraySlice<UInt8>, _ position: Int, _ quote: UInt8) -> Bool {
        position + 2 < line.endIndex && line[position] == quote && line[position + 1] == quote && line[position + 2] == quote
    }

    private mutating func endOfLines(_ line: ArraySlice<UInt8>, _ start: Int, _ closing: UInt8) -> Int {
        var position = start
        while position < line.endIndex {
            if line[position] == UInt8(ascii: "\\"), closing == UInt8(ascii: "\"") {
                position += 2
            } else if Self.isTriple(line, position, closing) {
                quote = nil
                return position + 3
            } else {
                position += 1
            }
        }
        return line.endIndex
    }

    /// Behind the end of a string that ends on its line.
    private static func end(_ line: ArraySlice<UInt8>, _ start: Int, _ quote: UInt8) -> Int? {
        var position = start
        while position < line.endIndex {
            if line[position] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                position += 2
            } else if line[position] == quote {
                return position + 1
            } else {
                position += 1
            }
        }
        return nil
    }
}
