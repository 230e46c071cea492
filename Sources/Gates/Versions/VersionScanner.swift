/// Reads a version from front to back.
struct VersionScanner {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }
    var next: UInt8? { rest.first }

    mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let end = rest.firstIndex { !condition($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    /// Takes the text when it comes next.
    mutating func take(_ text: StaticString) -> Bool {
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard rest.starts(with: bytes) else { return false }
        rest = rest.dropFirst(bytes.count)
        return true
    }

    mutating func take(anyOf bytes: [UInt8]) -> UInt8? {
        guard let next = rest.first, bytes.contains(next) else { return nil }
        rest = rest.dropFirst()
        return next
    }

    /// `nil` when no digit comes next.
    mutating func takeNumber() -> DecimalNumber? {
        let digits = take { $0.isDigit }
        return digits.isEmpty ? nil : DecimalNumber(digits)
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowerLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isUpperLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isLetter: Bool { isLowerLetter || isUpperLetter }
    var lowercased: UInt8 { isUpperLetter ? self + 32 : self }
}
