/// `[epoch:]version[-release]`.
///
/// Source: rpm-version(7), "Comparison"; rpm's `rpmvercmp`.
struct RPMVersion: OrderedVersion {
    private let epoch: DecimalNumber
    private let version: ArraySlice<UInt8>
    private let release: ArraySlice<UInt8>?

    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest[..<colon].allSatisfy(\.isDigit) {
            epoch = DecimalNumber(rest[..<colon])
            rest = rest[(colon + 1)...]
        } else {
            epoch = .zero
        }
        if let hyphen = rest.lastIndex(of: UInt8(ascii: "-")) {
            version = rest[..<hyphen]
            release = rest[(hyphen + 1)...]
        } else {
            version = rest
            release = nil
        }
    }

    func compared(to other: Self) -> VersionComparison {
        VersionComparison(epoch, other.epoch).then(Self.compare(version, other.version))
            .then(Self.compare(release ?? [], other.release ?? []))
            .then(VersionComparison(release == nil ? 0 : 1, other.release == nil ? 0 : 1))
    }

    private static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> VersionComparison {
        var left = left
        var right = right
        while true {
            left = left.drop(while: isSeparator)
            right = right.drop(while: isSeparator)
            if let sign = compareSigns(&left, &right) {
                guard sign == .same else { return sign }
                continue
            }
            guard let first = left.first, let second = right.first else { break }
            guard first.isDigit == second.isDigit else { return first.isDigit ? .newer : .older }
            let parts = (take(&left, digits: first.isDigit), take(&right, digits: first.isDigit))
            let part =
                first.isDigit
                ? VersionComparison(DecimalNumber(parts.0), DecimalNumber(parts.1)) : .bytewise(parts.0, parts.1)
            guard part == .same else { return part }
        }
        return VersionComparison(left.isEmpty ? 0 : 1, right.isEmpty ? 0 : 1)
    }

    /// A tilde is before everything, also the end; a caret after the end, and before all else. `nil` when there is neither.
    private static func compareSigns(_ left: inout ArraySlice<UInt8>, _ right: inout ArraySlice<UInt8>) -> VersionComparison? {
        let (first, second) = (left.first, right.first)
        let tilde = UInt8(ascii: "~")
        let caret = UInt8(ascii: "^")
        guard [tilde, caret].contains(first) || [tilde, caret].contains(second) else { return nil }
        guard first != second else {
            left = left.dropFirst()
            right = right.dropFirst()
            return .same
        }
        func weight(_ byte: UInt8?) -> Int { byte == tilde ? 0 : byte == nil ? 1 : byte == caret ? 2 : 3 }
        return VersionComparison(weight(first), weight(second))
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, digits: Bool) -> ArraySlice<UInt8> {
        let end = rest.firstIndex { digits ? !$0.isDigit : !$0.isLetter } ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        !byte.isDigit && !byte.isLetter && byte != UInt8(ascii: "~") && byte != UInt8(ascii: "^")
    }
}
