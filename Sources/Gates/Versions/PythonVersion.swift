/// `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]`, in all the spellings that are normalized to it.
///
/// Source: PEP 440 ("Version Identification and Dependency Specification"), Appendix B. What it does not know is ordered as
/// setuptools did before (`parse_version`), and is older than all it knows.
struct PythonVersion: OrderedVersion {
    private struct Modern {
        var epoch = DecimalNumber.zero
        var release: [DecimalNumber] = []
        var pre: (letter: UInt8, number: DecimalNumber)?
        var post: DecimalNumber?
        var development: DecimalNumber?
        var local: [ArraySlice<UInt8>] = []
    }

    private enum Form {
        case modern(Modern)
        case legacy([UInt8])
    }

    private let form: Form

    init?(_ bytes: [UInt8]) {
        let lower = bytes.map(\.lowercased)
        form = Self.modern(lower).map { .modern($0) } ?? .legacy(LegacyPythonVersion.key(lower))
    }

    var isWellFormed: Bool { if case .modern = form { true } else { false } }

    // MARK: Reading

    private static func modern(_ bytes: [UInt8]) -> Modern? {
        var scanner = VersionScanner(bytes)
        var version = Modern()
        _ = scanner.take("v")
        guard var number = scanner.takeNumber() else { return nil }
        if scanner.take("!") {
            version.epoch = number
            guard let first = scanner.takeNumber() else { return nil }
            number = first
        }
        version.release = [number]
        while true {
            var ahead = scanner
            guard ahead.take("."), let next = ahead.takeNumber() else { break }
            version.release.append(next)
            scanner = ahead
        }
        version.pre = pre(&scanner)
        version.post = post(&scanner)
        version.development = word(["dev"], &scanner).map { _ in numberAfterWord(&scanner) }
        if scanner.take("+") {
            guard let local = local(&scanner) else { return nil }
            version.local = local
        }
        return scanner.isAtEnd ? version : nil
    }

    private static let separators = Array("-_.".utf8)

    /// One of the words, after a separator or none.
    private static func word(_ words: [StaticString], _ scanner: inout VersionScanner) -> Int? {
        var ahead = scanner
        _ = ahead.take(anyOf: separators)
        for (index, word) in words.enumerated() where ahead.take(word) {
            scanner = ahead
            return index
        }
        return nil
    }

    /// A number after a separator or none; zero when there is none.
    private static func numberAfterWord(_ scanner: inout VersionScanner) -> DecimalNumber {
        var ahead = scanner
        _ = ahead.take(anyOf: separators)
        guard let number = ahead.takeNumber() else { return .zero }
        scanner = ahead
        return number
    }

    /// The longer of two words that begin alike stands first.
    private static func pre(_ scanner: inout VersionScanner) -> (letter: UInt8, number: DecimalNumber)? {
        guard let index = word(["alpha", "a", "beta", "b", "rc", "c", "preview", "pre"], &scanner) else { return nil }
        let letter = index < 2 ? UInt8(ascii: "a") : index < 4 ? UInt8(ascii: "b") : UInt8(ascii: "r")
        return (letter, numberAfterWord(&scanner))
    }

    private static func post(_ scanner: inout VersionScanner) -> DecimalNumber? {
        if word(["post", "rev", "r"], &scanner) != nil { return numberAfterWord(&scanner) }
        var ahead = scanner
        guard ahead.take("-"), let number = ahead.takeNumber() else { return nil }
        scanner = ahead
        return number
    }

    private static func local(_ scanner: inout VersionScanner) -> [ArraySlice<UInt8>]? {
        var parts: [ArraySlice<UInt8>] = []
        repeat {
            let part = scanner.take { $0.isDigit || $0.isLowerLetter }
            guard !part.isEmpty else { return nil }
            parts.append(part)
        } while scanner.take(anyOf: separators) != nil
        return parts
    }

    // MARK: Order

    func compared(to other: Self) -> VersionComparison {
        switch (form, other.form) {
        case (.modern(let left), .modern(let right)): Self.compare(left, right)
        case (.legacy(let left), .legacy(let right)): .bytewise(left, right)
        case (.modern, .legacy): .newer
        case (.legacy, .modern): .older
        }
    }

    private static func compare(_ left: Modern, _ right: Modern) -> VersionComparison {
        VersionComparison(left.epoch, right.epoch)
            .then(.itemwise(left.release, right.release, filler: .zero) { VersionComparison($0, $1) })
            .then(VersionComparison(phase(left), phase(right)))
            .then(VersionComparison(left.pre?.number ?? .zero, right.pre?.number ?? .zero))
            .then(compare(left.post, right.post, none: .older))
            .then(compare(left.development, right.development, none: .newer))
            .then(compareLocal(left.local, right.local))
    }

    /// A development release of a final one is before its alpha; a final one is after its candidates.
    private static func phase(_ version: Modern) -> UInt8 {
        if let pre = version.pre { return pre.letter }
        return version.post == nil && version.development != nil ? 0 : .max
    }

    private static func compare(_ left: DecimalNumber?, _ right: DecimalNumber?, none: VersionComparison) -> VersionComparison {
        switch (left, right) {
        case (nil, nil): .same
        case (nil, _): none
        case (_, nil): none.reversed
        case (let left?, let right?): VersionComparison(left, right)
        }
    }

    /// Numbers are newer than words; what has more parts is newer.
    private static func compareLocal(_ left: [ArraySlice<UInt8>], _ right: [ArraySlice<UInt8>]) -> VersionComparison {
        for (first, second) in zip(left, right) {
            let areNumbers = (first.allSatisfy(\.isDigit), second.allSatisfy(\.isDigit))
            let part: VersionComparison =
                switch areNumbers {
                case (true, true): VersionComparison(DecimalNumber(first), DecimalNumber(second))
                case (false, false): .bytewise(first, second)
                case (let isNumber, _): isNumber ? .newer : .older
                }
            guard part == .same else { return part }
        }
        return VersionComparison(left.count, right.count)
    }
}
