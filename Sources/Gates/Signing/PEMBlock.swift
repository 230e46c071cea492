internal import FoundationEssentials

/// One block of the textual form of keys.
///
/// Source: RFC 7468. What stands before or after the block is refused, and so are headers within.
struct PEMBlock {
    var label: String
    var bytes: [UInt8]

    init(label: String, bytes: [UInt8]) {
        self.label = label
        self.bytes = bytes
    }

    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.isEmpty }
        guard text.utf8.count <= Self.limit, lines.count >= 3, let first = lines.first, let last = lines.last,
            first.hasPrefix("-----BEGIN "), first.hasSuffix("-----"), first.utf8.count > 16
        else { return nil }
        let label = first.dropFirst(11).dropLast(5)
        guard last == "-----END \(label)-----", let data = Data(base64Encoded: lines.dropFirst().dropLast().joined()), !data.isEmpty else {
            return nil
        }
        self.init(label: String(label), bytes: Array(data))
    }

    var text: String {
        let encoded = Array(Base64.encode(bytes).utf8)
        let lines = stride(from: 0, to: encoded.count, by: 64).map { String(decoding: encoded[$0..<min($0 + 64, encoded.count)], as: UTF8.self) }
        return (["-----BEGIN \(label)-----"] + lines + ["-----END \(label)-----"]).joined(separator: "\n") + "\n"
    }

    static let limit = 65_536
}
