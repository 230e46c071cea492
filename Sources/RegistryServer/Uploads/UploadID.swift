/// Names an upload: 128 random bits, so that only who began it knows it.
struct UploadID: Hashable, Sendable, CustomStringConvertible {
    let text: String
    var description: String { text }

    /// `nil` when the text is not 32 hexadecimal digits.
    init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        self.text = text
    }

    private init(digits: String) { text = digits }

    static func make() -> UploadID {
        func digits() -> String {
            let text = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        return UploadID(digits: digits() + digits())
    }
}
