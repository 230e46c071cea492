/// `number{.number}[letter]{_suffix[number]}[~hash][-r number]`.
///
/// Source: apk-package(5), "Package info metadata", and apk-tools' `test/version.data`. What does not follow the grammar is
/// compared as `apk version -t` of the 2.x line does.
struct AlpineVersion: OrderedVersion {
    private struct Suffix {
        /// 0 stands for none: before it come those of a version in the making, after it those of a later one.
        var weight = 0
        var number = DecimalNumber.zero
    }

    private let text: [UInt8]
    /// As written: a leading zero has a meaning in all but the first.
    private let numbers: [ArraySlice<UInt8>]
    private let letter: UInt8?
    private let suffixes: [Suffix]
    private let revision: DecimalNumber
    /// What the grammar has no place for.
    private let remainder: ArraySlice<UInt8>
    /// Something else stands where the revision would.
    private let isBroken: Bool

    init?(_ bytes: [UInt8]) {
        text = bytes
        var scanner = VersionScanner(bytes)
        var numbers: [ArraySlice<UInt8>] = []
        while let next = scanner.next, next.isDigit {
            numbers.append(scanner.take { $0.isDigit })
            if scanner.take("."), scanner.next.map({ !$0.isDigit }) ?? true { numbers.append([]) }
        }
        letter = scanner.next.flatMap { $0.isLowerLetter ? $0 : nil }
        if letter != nil { _ = scanner.take(anyOf: [letter ?? 0]) }
        suffixes = Self.suffixes(&scanner)
        Self.skipHash(&scanner)
        let hasRevision = scanner.take("-r")
        revision = hasRevision ? scanner.takeNumber() ?? .zero : .zero
        isBroken = !hasRevision && !scanner.isAtEnd
        remainder = scanner.rest
        self.numbers = numbers
    }

    var isWellFormed: Bool { !isBroken && remainder.isEmpty && !numbers.isEmpty && numbers.allSatisfy { !$0.isEmpty } }

    private static let names: [(name: StaticString, weight: Int)] = [
        ("_alpha", -4), ("_beta", -3), ("_pre", -2), ("_rc", -1), ("_cvs", 1), ("_svn", 2), ("_git", 3), ("_hg", 4), ("_p", 5),
    ]

    private static func suffixes(_ scanner: inout VersionScanner) -> [Suffix] {
        var suffixes: [Suffix] = []
        while let weight = suffixWeight(&scanner) { suffixes.append(Suffix(weight: weight, number: scanner.takeNumber() ?? .zero)) }
        return suffixes
    }

    private static func suffixWeight(_ scanner: inout VersionScanner) -> Int? {
        for (name, weight) in names where scanner.take(name) { return weight }
        return nil
    }

    /// A commit says nothing about older or newer.
    private static func skipHash(_ scanner: inout VersionScanner) {
        guard scanner.take("~") else { return }
        _ = scanner.take { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    func compared(to other: Self) -> VersionComparison {
        if isBroken, other.isBroken { return .bytewise(text, other.text) }
        return compareNumbers(other)
            .then(VersionComparison(letter ?? 0, other.letter ?? 0))
            .then(
                .itemwise(suffixes, other.suffixes, filler: Suffix()) {
                    VersionComparison($0.weight, $1.weight).then(VersionComparison($0.number, $1.number))
                }
            )
            .then(VersionComparison(revision, other.revision))
            .then(VersionComparison(remainder.isEmpty ? 1 : 0, other.remainder.isEmpty ? 1 : 0))
    }

    /// All but the first are compared as fractions when one of them begins with a zero. What ends first is older.
    private func compareNumbers(_ other: Self) -> VersionComparison {
        for (index, pair) in zip(numbers, other.numbers).enumerated() {
            let isFraction = index > 0 && (pair.0.first == UInt8(ascii: "0") || pair.1.first == UInt8(ascii: "0"))
            let number = isFraction ? .bytewise(pair.0, pair.1) : VersionComparison(DecimalNumber(pair.0), DecimalNumber(pair.1))
            guard number == .same else { return number }
        }
        return VersionComparison(numbers.count, other.numbers.count)
    }
}
