/// The path of a readiness check, made fit for HAProxy's configuration and command line.
enum CheckPath {
    /// Percent-encodes every byte that is not plain in a URI (RFC 3986, section 2), so that no space, quote, semicolon,
    /// backslash or line end from a manifest reaches a parser of HAProxy's. What is encoded already stays as it is.
    static func encoded(_ path: String) -> String {
        var result = path.hasPrefix("/") ? "" : "/"
        for byte in path.utf8.prefix(RouterLimits.pathBytes) {
            if isPlain(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~/?&=+:@!$(),%".utf8.contains(byte)
        }
    }
}
