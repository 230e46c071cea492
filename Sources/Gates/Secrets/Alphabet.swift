/// Which bytes a secret may be made of.
struct Alphabet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ ranges: [ClosedRange<UInt8>], _ others: String = "") {
        for range in ranges { for byte in range { insert(byte) } }
        for byte in others.utf8 { insert(byte) }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
    }

    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low >> UInt64(byte) & 1 != 0 : byte < 128 ? high >> UInt64(byte - 64) & 1 != 0 : false
    }

    private static let digits: ClosedRange<UInt8> = 48...57
    private static let upper: ClosedRange<UInt8> = 65...90
    private static let lower: ClosedRange<UInt8> = 97...122

    static let alphanumeric = Alphabet([digits, upper, lower])
    static let word = Alphabet([digits, upper, lower], "_")
    static let upperBase32 = Alphabet([upper, 50...55])
    static let hex = Alphabet([digits, 97...102, 65...70])
    static let base64 = Alphabet([digits, upper, lower], "+/=")
    static let urlBase64 = Alphabet([digits, upper, lower], "-_")
    static let urlBase64Equals = Alphabet([digits, upper, lower], "-_=")
    static let urlBase64Field = Alphabet([digits, upper, lower], "-_=.")
    static let base64Word = Alphabet([digits, upper, lower], "+/=_")
    static let urlBase64Tilde = Alphabet([digits, upper, lower], "-_~.")
    static let urlBase64Dot = Alphabet([digits, upper, lower], "-_.")
    static let urlEscaped = Alphabet([digits, upper, lower], "%-_")
    static let path = Alphabet([digits, upper, lower], "/-_")
    static let hash = Alphabet([digits, upper, lower], "./$=,")
    /// Everything that is seen, less quotes, blanks and what ends a value.
    static let graphic = Alphabet([33...126]).removing("\"'`;,<>()[]{}\\|")

    private func removing(_ text: String) -> Alphabet {
        var copy = self
        for byte in text.utf8 { if byte < 64 { copy.low &= ~(1 << UInt64(byte)) } else { copy.high &= ~(1 << UInt64(byte - 64)) } }
        return copy
    }
}

enum Entropy {
    /// Shannon's, in bits a byte.
    static func bits(_ bytes: some Collection<UInt8>) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        let total = Double(bytes.count)
        guard total > 0 else { return 0 }
        return counts.reduce(0) { sum, count in
            guard count > 0 else { return sum }
            let share = Double(count) / total
            return sum - share * Self.log2(share)
        }
    }

    /// Of a share between 0 and 1: enough digits for a threshold, without a library of mathematics.
    private static func log2(_ value: Double) -> Double {
        let significand = value.significand
        // ln(x) = 2 artanh((x - 1) / (x + 1))
        let ratio = (significand - 1) / (significand + 1)
        let square = ratio * ratio
        var term = ratio
        var sum = 0.0
        for index in 0..<12 {
            sum += term / Double(2 * index + 1)
            term *= square
        }
        return Double(value.exponent) + 2 * sum * 1.442_695_040_888_963_4
    }
}
