/// `major.minor.patch[-prerelease][+build]`, with or without a `v`, as npm, crates.io and Go have it.
///
/// Source: Semantic Versioning 2.0.0, section 11. A missing minor or patch is zero; numbers after the patch belong to the build,
/// which says nothing about order.
struct SemanticVersion: OrderedVersion {
    private let numbers: [DecimalNumber]
    private let prerelease: [ArraySlice<UInt8>]

    init?(_ bytes: [UInt8]) { self.init(VersionScanner(bytes)) }

    init?(go bytes: [UInt8]) { self.init(VersionScanner(Self.semantic(go: bytes))) }

    /// A toolchain's own form, `go1.21rc2`, is the same as `1.21.0-rc.2`. Source: go.dev/doc/toolchain, "Go versions".
    private static func semantic(go bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: "go".utf8) else { return bytes }
        let rest = bytes[2...]
        guard let letter = rest.firstIndex(where: \.isLetter), let number = rest[letter...].firstIndex(where: \.isDigit) else { return Array(rest) }
        var semantic = Array(rest[..<letter])
        semantic.append(UInt8(ascii: "-"))
        semantic += rest[letter..<number]
        semantic.append(UInt8(ascii: "."))
        return semantic + rest[number...]
    }

    private init?(_ scanner: VersionScanner) {
        var scanner = scanner
        _ = scanner.take(anyOf: [UInt8(ascii: "v"), UInt8(ascii: "V")])
        guard let numbers = Self.numbers(&scanner) else { return nil }
        self.numbers = Array(numbers.prefix(3))
        // A fourth number begins the build.
        prerelease = numbers.count <= 3 && scanner.take("-") ? scanner.take { $0 != UInt8(ascii: "+") }.split(separator: UInt8(ascii: ".")) : []
        guard numbers.count > 3 || scanner.isAtEnd || scanner.next == UInt8(ascii: "+") else { return nil }
    }

    static func numbers(_ scanner: inout VersionScanner) -> [DecimalNumber]? {
        guard let first = scanner.takeNumber() else { return nil }
        var numbers = [first]
        while scanner.take(".") {
            guard let number = scanner.takeNumber() else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    func compared(to other: Self) -> VersionComparison {
        VersionComparison.itemwise(numbers, other.numbers, filler: .zero) { VersionComparison($0, $1) }
            .then(Self.compare(prerelease, other.prerelease))
    }

    /// None is newer than any. Numbers are older than words, and by value; words are by bytes.
    static func compare(_ left: [ArraySlice<UInt8>], _ right: [ArraySlice<UInt8>]) -> VersionComparison {
        guard !left.isEmpty, !right.isEmpty else { return VersionComparison(left.isEmpty ? 1 : 0, right.isEmpty ? 1 : 0) }
        for (first, second) in zip(left, right) {
            let areNumbers = (first.allSatisfy(\.isDigit), second.allSatisfy(\.isDigit))
            let item: VersionComparison =
                switch areNumbers {
                case (true, true): VersionComparison(DecimalNumber(first), DecimalNumber(second))
                case (false, false): .bytewise(first, second)
                case (let isNumber, _): isNumber ? .older : .newer
                }
            guard item == .same else { return item }
        }
        return VersionComparison(left.count, right.count)
    }
}
