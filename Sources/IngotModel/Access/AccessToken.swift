/// A token for the API over the network: `ingot_`, 10 characters that name it, `_`, 43 that are the secret, 6 that are a checksum.
///
/// All characters are digits and letters. 43 of 62 are 256 random bits. By its beginning and its checksum a token is known for one wherever it was
/// left, without anybody being asked: `ingot scan` finds it. Nothing prints it but `text`.
public struct AccessToken: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    public static let prefix = "ingot_"
    static let idLength = 10
    static let secretLength = 43
    static let checksumLength = 6

    /// What the daemon finds it by; no secret.
    public let id: String
    /// The whole of it.
    public let text: String

    /// `nil` for whatever is not a token, in constant form: no length but one, no character but these, the right checksum.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        let prefix = Array(Self.prefix.utf8)
        let separator = prefix.count + Self.idLength
        let end = separator + 1 + Self.secretLength
        guard bytes.count == end + Self.checksumLength, bytes.starts(with: prefix), bytes[separator] == UInt8(ascii: "_") else { return nil }
        let isDigit = { (byte: UInt8) in Self.alphabet.contains(byte) }
        guard bytes[prefix.count..<separator].allSatisfy(isDigit), bytes[(separator + 1)...].allSatisfy(isDigit),
            Self.checksum(bytes[..<end]) == Array(bytes[end...])
        else { return nil }
        id = String(decoding: bytes[prefix.count..<separator], as: UTF8.self)
        self.text = text
    }

    /// A new one.
    ///
    /// - Parameter generator: a source of random bits that nobody can foresee.
    public init(using generator: inout some RandomNumberGenerator) {
        let id = Self.characters(Self.idLength, &generator)
        self.init(id: id, secret: Self.characters(Self.secretLength, &generator))
    }

    init(id: [UInt8], secret: [UInt8]) {
        let body = Array(Self.prefix.utf8) + id + Array("_".utf8) + secret
        self.id = String(decoding: id, as: UTF8.self)
        text = String(decoding: body + Self.checksum(body[...]), as: UTF8.self)
    }

    public var description: String { "\(Self.prefix)\(id)_…" }
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }

    // MARK: Characters

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static func characters(_ count: Int, _ generator: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in alphabet[Int(generator.next(upperBound: UInt(alphabet.count)))] }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var rest = Int(crc32(bytes))
        var digits: [UInt8] = []
        for _ in 0..<checksumLength {
            digits.append(alphabet[rest % alphabet.count])
            rest /= alphabet.count
        }
        return digits.reversed()
    }

    /// Source: ISO 3309, as in RFC 1952, section 8.
    private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xedb8_8320) }
        }
        return ~crc
    }
}
