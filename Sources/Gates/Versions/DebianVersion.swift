/// `[epoch:]upstream[-revision]`.
///
/// Source: Debian Policy Manual, section 5.6.12; deb-version(7).
struct DebianVersion: OrderedVersion {
    private let epoch: DecimalNumber
    private let upstream: ArraySlice<UInt8>
    private let revision: ArraySlice<UInt8>

    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            guard colon > 0, rest[..<colon].allSatisfy(\.isDigit) else { return nil }
            epoch = DecimalNumber(rest[..<colon])
            rest = rest[(colon + 1)...]
        } else {
            epoch = .zero
        }
        if let hyphen = rest.lastIndex(of: UInt8(ascii: "-")) {
            upstream = rest[..<hyphen]
            revision = rest[(hyphen + 1)...]
        } else {
            upstream = rest
            revision = []
        }
        guard !upstream.isEmpty, upstream.allSatisfy(Self.isUpstreamByte), revision.allSatisfy(Self.isRevisionByte) else { return nil }
    }

    private static func isRevisionByte(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "~")
    }

    private static func isUpstreamByte(_ byte: UInt8) -> Bool {
        isRevisionByte(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":")
    }

    func compared(to other: Self) -> VersionComparison {
        VersionComparison(epoch, other.epoch).then(Self.compare(upstream, other.upstream)).then(Self.compare(revision, other.revision))
    }

    /// In turn, a part without digits and a number, until something differs.
    private static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> VersionComparison {
        var left = left
        var right = right
        while !left.isEmpty || !right.isEmpty {
            let text = compareText(&left, &right)
            guard text == .same else { return text }
            let number = compareNumber(&left, &right)
            guard number == .same else { return number }
        }
        return .same
    }

    private static func compareText(_ left: inout ArraySlice<UInt8>, _ right: inout ArraySlice<UInt8>) -> VersionComparison {
        while left.first.map({ !$0.isDigit }) ?? false || right.first.map({ !$0.isDigit }) ?? false {
            let weights = (weight(left.first), weight(right.first))
            guard weights.0 == weights.1 else { return weights.0 < weights.1 ? .older : .newer }
            left = left.dropFirst()
            right = right.dropFirst()
        }
        return .same
    }

    private static func compareNumber(_ left: inout ArraySlice<UInt8>, _ right: inout ArraySlice<UInt8>) -> VersionComparison {
        let ends = (left.firstIndex { !$0.isDigit } ?? left.endIndex, right.firstIndex { !$0.isDigit } ?? right.endIndex)
        defer {
            left = left[ends.0...]
            right = right[ends.1...]
        }
        return VersionComparison(DecimalNumber(left[..<ends.0]), DecimalNumber(right[..<ends.1]))
    }

    /// A tilde is before everything, also the end; then the end and digits, letters, and all else.
    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !byte.isDigit else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        return byte.isLetter ? Int(byte) : Int(byte) + 256
    }
}
