import FoundationEssentials

/// A JSON array of strings, the exec form of an instruction.
///
/// Source: RFC 8259. What is not an array is in shell form, as the Dockerfile reference has it.
enum StringArray {
    enum Reading: Hashable {
        case strings([String])
        /// An array that holds something else than strings: a mistake wherever it stands.
        case otherValues
        case notJSON
    }

    static func read(_ text: String) -> Reading {
        if let strings = parse(text) { return .strings(strings) }
        guard text.first == "[", (try? JSONDecoder().decode([AnyValue].self, from: Data(text.utf8))) != nil else { return .notJSON }
        return .otherValues
    }

    private struct AnyValue: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// `nil` for anything else than an array of strings.
    static func parse(_ text: String) -> [String]? {
        var reader = Reader(rest: Substring(text).unicodeScalars)
        return reader.array()
    }

    private struct Reader {
        var rest: Substring.UnicodeScalarView

        mutating func array() -> [String]? {
            var result: [String] = []
            guard take("[") else { return nil }
            if take("]") { return isAtEnd ? result : nil }
            while let element = string() {
                result.append(element)
                if take("]") { return isAtEnd ? result : nil }
                guard take(",") else { return nil }
            }
            return nil
        }

        private var isAtEnd: Bool { rest.allSatisfy { " \t\r\n".unicodeScalars.contains($0) } }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            rest = rest.drop { " \t\r\n".unicodeScalars.contains($0) }
            guard rest.first == scalar else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func string() -> String? {
            guard take("\"") else { return nil }
            var result = String.UnicodeScalarView()
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"": return String(result)
                case "\\":
                    guard let escaped = escape() else { return nil }
                    result.append(escaped)
                case _ where scalar.value < 0x20: return nil
                default: result.append(scalar)
                }
            }
            return nil
        }

        private mutating func escape() -> Unicode.Scalar? {
            switch rest.popFirst() {
            case "\"": "\""
            case "\\": "\\"
            case "/": "/"
            case "b": "\u{8}"
            case "f": "\u{C}"
            case "n": "\n"
            case "r": "\r"
            case "t": "\t"
            case "u": unicode()
            default: nil
            }
        }

        private mutating func unicode() -> Unicode.Scalar? {
            guard let high = codeUnit() else { return nil }
            guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) }
            guard rest.popFirst() == "\\", rest.popFirst() == "u", let low = codeUnit(), (0xDC00...0xDFFF).contains(low) else { return nil }
            return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        }

        private mutating func codeUnit() -> UInt32? {
            let digits = rest.prefix(4)
            guard digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
            rest = rest.dropFirst(4)
            return UInt32(String(digits), radix: 16)
        }
    }
}
