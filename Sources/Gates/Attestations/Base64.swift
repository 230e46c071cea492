internal import FoundationEssentials

/// Bytes as JSON carries them.
///
/// Source: RFC 4648, 4 and 5: a verifier takes both alphabets, as DSSE and the JSON form of protocol buffers demand.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// `nil` for anything but base64: also with spaces, or without its padding.
    static func decode(_ text: String) -> [UInt8]? {
        let standard = text.utf8.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") } ? Self.standard(text) : text
        return Data(base64Encoded: standard).map { Array($0) }
    }

    private static func standard(_ text: String) -> String {
        let bytes = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
