/// The SHA-256 digest of some bytes, written `sha256:` and 64 lower-case hexadecimal digits.
///
/// Source: OCI Image Specification 1.1, Descriptor, "Digests". Other algorithms are refused: every
/// registry and tool that Ingot talks to uses SHA-256.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    public static let algorithm = "sha256"

    /// The 64 hexadecimal digits, without the algorithm.
    public let hex: String

    /// Reads `sha256:…`; `nil` when the text is anything else.
    public init?(_ text: some StringProtocol) {
        let prefix = "\(Self.algorithm):"
        guard text.hasPrefix(prefix) else { return nil }
        self.init(hex: text.dropFirst(prefix.count))
    }

    /// Reads 64 lower-case hexadecimal digits; `nil` when the text is anything else.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(Self.isLowerHexDigit) else { return nil }
        self.hex = String(hex)
    }

    /// Takes the 32 bytes that a SHA-256 function returned.
    ///
    /// - Precondition: there are 32 bytes.
    public init(bytes: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        precondition(text.count == 64, "a SHA-256 digest has 32 bytes")
        self.hex = String(decoding: text, as: UTF8.self)
    }

    public var description: String { "\(Self.algorithm):\(hex)" }

    /// The first 12 digits: enough for people, never for machines.
    public var short: String { String(hex.prefix(12)) }

    public static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }

    private static func isLowerHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension Digest: TextCodable {
    public static let expectation = "a digest such as sha256: and 64 hexadecimal digits"
    public var text: String { description }
    public init?(text: String) { self.init(text) }
}
