/// How texts among a service's settings are written: whether one is such a thing.
public enum SettingForms {
    /// Text on one line.
    public static func isLine(_ text: String) -> Bool {
        (1...4_096).contains(text.utf8.count) && !text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }

    /// A value of configuration: it becomes a variable of a process.
    public static func isVariableValue(_ text: String) -> Bool { text.utf8.count <= 32_768 && !text.utf8.contains(0) }

    /// Source: POSIX.1-2024, Base Definitions, section 8.1; lower case is allowed since programs use it.
    public static func isVariableName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 128, !isDigit(first) else { return false }
        return bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// The name of a file in a folder, and no way out of it.
    public static func isFileName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 128, first != UInt8(ascii: ".") else { return false }
        return bytes.allSatisfy { isLetter($0) || isDigit($0) || "._-".utf8.contains($0) }
    }

    /// Where an instance may get a tmpfs of its own, as it is written shortest; `nil` where it may not.
    public static func writablePath(_ text: String) -> String? {
        guard isLine(text), text.hasPrefix("/") else { return nil }
        let parts = text.split(separator: "/")
        guard !parts.isEmpty, !parts.contains(".."), !parts.contains(".") else { return nil }
        let path = "/" + parts.joined(separator: "/")
        let isReserved = ["/proc", "/sys", "/dev", "/run/secrets"].contains { path == $0 || path.hasPrefix($0 + "/") }
        return isReserved ? nil : path
    }

    /// The path of a request, which stands behind an address and can't change whose that is.
    public static func isRequestPath(_ text: String) -> Bool {
        isLine(text) && text.hasPrefix("/") && !text.contains(" ") && text.utf8.count <= 1_024
    }

    /// Where a metric or a hook is asked over HTTP.
    public static func isAddress(_ text: String) -> Bool {
        guard (1...2_048).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
        return ["http://", "https://"].contains { scheme in
            guard text.hasPrefix(scheme) else { return false }
            let host = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
            return !host.isEmpty && !host.hasPrefix(":") && !host.contains("@")
        }
    }

    /// Source: RFC 1123, section 2.1, in lower case.
    public static func isHostName(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                let bytes = Array(label.utf8)
                return (1...63).contains(bytes.count) && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
                    && bytes.allSatisfy { isLowerLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    /// `10.0.0.5:5432` or `192.168.0.0/16:443`.
    public static func isDestination(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = Int(parts[1]), SettingLimits.port.contains(port) else { return false }
        let range = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(range.count), isIPv4(range[0]) else { return false }
        return range.count == 1 || Int(range[1]).map { (0...32).contains($0) } == true
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4
            && octets.allSatisfy { octet in
                (1...3).contains(octet.count) && octet.allSatisfy(\.isASCII) && Int(octet).map { (0...255).contains($0) } == true
            }
    }

    /// The name of a header or a cookie. Source: RFC 9110, section 5.6.2; RFC 6265, section 4.1.1.
    public static func isToken(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    }

    /// What can stand in a header and in a cookie as it is. Source: RFC 6265, section 4.1.1.
    public static func isCookieValue(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\",;\\".utf8.contains($0) }
    }

    /// A name of the time zone database, which is a file's name as well: `Europe/Berlin`.
    public static func isTimeZone(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let areWords = parts.allSatisfy { part in
            (1...14).contains(part.utf8.count) && part.utf8.allSatisfy { isLetter($0) || isDigit($0) || "_-+".utf8.contains($0) }
        }
        return areWords && (text == FreezeWindow.utc || (2...3).contains(parts.count))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLowerLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { isLowerLetter(byte | 0x20) }
}
