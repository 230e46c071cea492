/// An IPv4 address as a number, so that ranges are arithmetic.
struct IPv4Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// In host byte order: 10.0.0.1 is 0x0A000001.
    let bits: UInt32

    init(bits: UInt32) { self.bits = bits }

    /// Reads four decimal numbers with points between; `nil` for every other form that C libraries accept.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }), let byte = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(byte)
        }
        self.bits = bits
    }

    var description: String {
        "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }

    static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }
}
