internal import Crypto
internal import IngotModel

/// What a token's owner has: `ingotr_` and 43 characters of base64url, which are 256 random bits. It shows itself to nobody by accident.
struct RegistrySecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A word of its own, so that scanners of secrets know it, and no token of another kind is taken for one.
    static let prefix = "ingotr_"
    /// What stands for nobody where a token must be named.
    static let nobody = "anonymous"
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    let text: String
    var description: String { "\(Self.prefix)…" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// `nil` when it cannot be one.
    init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.prefix), text.utf8.count == Self.prefix.utf8.count + 43,
            text.utf8.dropFirst(Self.prefix.utf8.count).allSatisfy(Self.digits.contains)
        else { return nil }
        self.text = String(text)
    }

    /// A new one, from the system's generator.
    static func make() -> RegistrySecret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return RegistrySecret(text: prefix + base64(bytes))
    }

    private init(text: String) { self.text = text }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var bits = 0
        var waiting = 0
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xffff
            waiting += 8
            while waiting >= 6 {
                waiting -= 6
                text.append(digits[bits >> waiting & 63])
            }
        }
        if waiting > 0 { text.append(digits[bits << (6 - waiting) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    var hash: IngotModel.Digest { IngotModel.Digest(bytes: SHA256.hash(data: Array(text.utf8))) }
}
