import IngotModel

/// Which engine something on the machine belongs to: 16 hexadecimal digits, drawn once and kept in the engine's folder.
///
/// Several daemons with different roots may share a machine. Control groups and the firewall's table carry this name, and
/// an engine touches only what carries its own.
struct EngineID: TextCodable, Hashable, Sendable, CustomStringConvertible {
    static let expectation = "an engine's identity: 16 hexadecimal digits"
    let text: String

    init?(text: String) {
        guard text.utf8.count == 16, text.allSatisfy({ $0.isASCII && $0.isHexDigit && !$0.isUppercase }) else { return nil }
        self.text = text
    }

    init(random bits: UInt64) {
        let digits = String(bits, radix: 16)
        text = String(repeating: "0", count: 16 - digits.count) + digits
    }

    var description: String { text }
}
