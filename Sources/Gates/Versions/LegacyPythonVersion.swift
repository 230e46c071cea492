/// Versions from before PEP 440, as setuptools ordered them.
///
/// Source: setuptools 0.6, `pkg_resources.parse_version`; packaging 21, `LegacyVersion`.
enum LegacyPythonVersion {
    /// Keys are compared byte by byte.
    static func key(_ bytes: [UInt8]) -> [UInt8] {
        var parts: [[UInt8]] = []
        for part in self.parts(bytes) + [Array("*final".utf8)] {
            if part.first == UInt8(ascii: "*") {
                if part.lexicographicallyPrecedes("*final".utf8) {
                    while parts.last == Array("*final-".utf8) { parts.removeLast() }
                }
                while parts.last == zero { parts.removeLast() }
            }
            parts.append(part)
        }
        return Array(parts.joined())
    }

    private static let width = 8
    private static let zero = [UInt8](repeating: UInt8(ascii: "0"), count: width)

    private static func parts(_ bytes: [UInt8]) -> [[UInt8]] {
        var scanner = VersionScanner(bytes)
        var parts: [[UInt8]] = []
        while let next = scanner.next {
            if next.isDigit {
                let digits = scanner.take { $0.isDigit }
                parts.append(Array(zero.prefix(max(0, width - digits.count))) + digits)
            } else if next.isLowerLetter {
                parts.append([UInt8(ascii: "*")] + normalized(scanner.take { $0.isLowerLetter }))
            } else if scanner.take("-") {
                parts.append(Array("*final-".utf8))
            } else {
                _ = scanner.take(anyOf: [next])
            }
        }
        return parts
    }

    private static func normalized(_ word: ArraySlice<UInt8>) -> [UInt8] {
        switch String(decoding: word, as: UTF8.self) {
        case "pre", "preview", "rc": Array("c".utf8)
        case "dev": Array("@".utf8)
        default: Array(word)
        }
    }
}
