internal import FoundationEssentials

/// Walks over JSON without making values of it, and refuses what two readers could read differently.
struct JSONScanner {
    private let bytes: [UInt8]
    private let what: String
    private let depthLimit: Int
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8], _ what: String, depthLimit: Int) throws(GateError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw AttestationError.malformed(what, "it is not UTF-8") }
        self.bytes = bytes
        self.what = what
        self.depthLimit = depthLimit
    }

    /// Walks over the whole text. Where each member's value stands when it is an object; `nil` when it is something else.
    mutating func document() throws(GateError) -> [String: Range<Int>]? {
        skipSpace()
        let members = try value()
        skipSpace()
        guard position == bytes.count else { throw malformed("something follows the end of its JSON") }
        return members
    }

    private mutating func value() throws(GateError) -> [String: Range<Int>]? {
        switch next {
        case UInt8(ascii: "{"): return try nested { (scanner) throws(GateError) in try scanner.object() }
        case UInt8(ascii: "["):
            try nested { (scanner) throws(GateError) in try scanner.array() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
        return nil
    }

    private mutating func nested<Value>(_ read: (inout JSONScanner) throws(GateError) -> Value) throws(GateError) -> Value {
        guard depth < depthLimit else { throw AttestationError.tooLarge("the depth of \(what)", limit: "\(depthLimit)") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        skipSpace()
        return try read(&self)
    }

    private mutating func object() throws(GateError) -> [String: Range<Int>] {
        var members: [String: Range<Int>] = [:]
        if take("}") { return members }
        repeat {
            skipSpace()
            let key = try string()
            skipSpace()
            guard take(":") else { throw malformed("a colon is missing at byte \(position)") }
            skipSpace()
            let start = position
            _ = try value()
            guard members.updateValue(start..<position, forKey: key) == nil else { throw malformed("it has the key '\(key.prefix(80))' twice") }
            skipSpace()
        } while take(",")
        guard take("}") else { throw malformed("an object does not end at byte \(position)") }
        return members
    }

    private mutating func array() throws(GateError) {
        if take("]") { return }
        repeat {
            skipSpace()
            _ = try value()
            skipSpace()
        } while take(",")
        guard take("]") else { throw malformed("a list does not end at byte \(position)") }
    }

    private mutating func string() throws(GateError) -> String {
        guard next == UInt8(ascii: "\"") else { throw malformed("a string is missing at byte \(position)") }
        let start = position
        var hasEscape = false
        position += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw malformed("a string has a control character at byte \(position)") }
            hasEscape = hasEscape || byte == UInt8(ascii: "\\")
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard take("\"") else { throw malformed("a string does not end") }
        guard hasEscape else { return String(decoding: bytes[start + 1..<position - 1], as: UTF8.self) }
        do { return try JSONDecoder().decode(String.self, from: Data(bytes[start..<position])) } catch {
            throw malformed("a string has an escape that is none at byte \(start)")
        }
    }

    private mutating func number() throws(GateError) {
        let start = position
        _ = take("-")
        let whole = digits()
        guard whole == 1 || (whole > 1 && bytes[position - whole] != UInt8(ascii: "0")) else { throw malformed("no value begins at byte \(start)") }
        if take("."), digits() == 0 { throw malformed("a number has no digit after its point at byte \(start)") }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            if digits() == 0 { throw malformed("a number has no exponent at byte \(start)") }
        }
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func word(_ word: String) throws(GateError) {
        guard bytes[position...].starts(with: word.utf8) else { throw malformed("no value begins at byte \(position)") }
        position += word.utf8.count
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private func malformed(_ why: String) -> GateError { AttestationError.malformed(what, why) }
}
