/// A whole number of any length in decimal digits, as versions have them: a date with a time exceeds 64 bits.
struct DecimalNumber: Comparable, Hashable, Sendable {
    /// Without leading zeros; none for zero.
    private let digits: ArraySlice<UInt8>

    static let zero = DecimalNumber([])

    init(_ digits: ArraySlice<UInt8>) { self.digits = digits.drop { $0 == UInt8(ascii: "0") } }

    static func < (left: Self, right: Self) -> Bool {
        left.digits.count == right.digits.count ? left.digits.lexicographicallyPrecedes(right.digits) : left.digits.count < right.digits.count
    }
}
