/// Writing JSON (RFC 8259), as much as records and log lines need.
enum JSONText {
    /// Appends a string with its quotes. What is not UTF-8 becomes U+FFFD.
    static func append(_ bytes: some Collection<UInt8>, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        if bytes.allSatisfy({ $0 < 0x80 }) {
            appendEscaped(bytes, to: &json)
        } else {
            appendEscaped(String(decoding: bytes, as: UTF8.self).utf8, to: &json)
        }
        json.append(UInt8(ascii: "\""))
    }

    static func string(_ text: String) -> String {
        var json: [UInt8] = []
        append(text.utf8, to: &json)
        return String(decoding: json, as: UTF8.self)
    }

    private static func appendEscaped(_ bytes: some Sequence<UInt8>, to json: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0x0a: json += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0d: json += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: json += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20: json += Array("\\u00".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            default: json.append(byte)
            }
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
