/// Tokens, separated by points, hyphens and changes between digits and letters.
///
/// Source: Maven, POM Reference, "Version Order Specification"; `ComparableVersion` where that is silent. The rule has a circle that is
/// Maven's own: 1.x < 1-alpha < 1 < 1.x.
struct MavenVersion: OrderedVersion {
    private enum Value: Equatable {
        case number(DecimalNumber)
        /// Lower case; empty for `ga`, `final` and `release`.
        case word(String)

        var isNull: Bool { self == .number(.zero) || self == .word("") }
    }

    private struct Token: Equatable {
        var isAfterHyphen: Bool
        var value: Value
        /// It only fills up the shorter version.
        var isFiller = false

        /// `.word` < `-word` < `-number` < `.number`.
        var rank: Int {
            if case .number = value { return isAfterHyphen ? 2 : 3 }
            return isAfterHyphen ? 1 : 0
        }

        /// What stands for it in a version that has ended: nothing.
        var filler: Token {
            let isNumber = !isAfterHyphen && value != .word("sp")
            return Token(isAfterHyphen: isAfterHyphen, value: isNumber ? .number(.zero) : .word(""), isFiller: true)
        }
    }

    private let tokens: [Token]

    init?(_ bytes: [UInt8]) { tokens = Self.trimmed(Self.tokens(bytes)) }

    // MARK: Reading

    private static func tokens(_ bytes: [UInt8]) -> [Token] {
        var scanner = VersionScanner(bytes.map(\.lowercased))
        var tokens: [Token] = []
        var isAfterHyphen = false
        while true {
            let run = scanner.take { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") }
            tokens += self.tokens(in: run, isAfterHyphen: isAfterHyphen)
            guard let separator = scanner.take(anyOf: Array(".-".utf8)) else { return tokens }
            isAfterHyphen = separator == UInt8(ascii: "-")
        }
    }

    /// A change between digits and letters counts as a hyphen. Nothing at all counts as 0.
    private static func tokens(in run: ArraySlice<UInt8>, isAfterHyphen: Bool) -> [Token] {
        guard var scanner = run.isEmpty ? nil : VersionScanner(Array(run)) else {
            return [Token(isAfterHyphen: isAfterHyphen, value: .number(.zero))]
        }
        var tokens: [Token] = []
        while let next = scanner.next {
            let text = scanner.take { $0.isDigit == next.isDigit }
            let value: Value = next.isDigit ? .number(DecimalNumber(text)) : .word(word(text, isBeforeNumber: !scanner.isAtEnd))
            tokens.append(Token(isAfterHyphen: tokens.isEmpty ? isAfterHyphen : true, value: value))
        }
        return tokens
    }

    private static func word(_ text: ArraySlice<UInt8>, isBeforeNumber: Bool) -> String {
        switch (String(decoding: text, as: UTF8.self), isBeforeNumber) {
        case ("cr", _): "rc"
        case ("ga", _), ("final", _), ("release", _): ""
        case ("a", true): "alpha"
        case ("b", true): "beta"
        case ("m", true): "milestone"
        case (let word, _): word
        }
    }

    /// Without the null tokens at the end and before each hyphen; the first token stays.
    private static func trimmed(_ tokens: [Token]) -> [Token] {
        var kept: [Token] = []
        for (index, token) in tokens.enumerated() {
            if index > 0, token.isAfterHyphen { trimEnd(&kept) }
            kept.append(token)
        }
        trimEnd(&kept)
        return kept
    }

    private static func trimEnd(_ tokens: inout [Token]) {
        while tokens.count > 1, tokens.last?.value.isNull == true { tokens.removeLast() }
    }

    // MARK: Order

    func compared(to other: Self) -> VersionComparison {
        for index in 0..<max(tokens.count, other.tokens.count) {
            let left = index < tokens.count ? tokens[index] : other.tokens[index].filler
            let right = index < other.tokens.count ? other.tokens[index] : tokens[index].filler
            guard left.isAfterHyphen != right.isAfterHyphen || left.value != right.value else { continue }
            return Self.compare(left, right)
        }
        return .same
    }

    private static func compare(_ left: Token, _ right: Token) -> VersionComparison {
        guard left.isAfterHyphen == right.isAfterHyphen else { return VersionComparison(left.rank, right.rank) }
        switch (left.value, right.value) {
        case (.number(let left), .number(let right)): return VersionComparison(left, right)
        case (.number, .word(let word)): return left.isFiller ? compareWords("", word) : .newer
        case (.word(let word), .number): return right.isFiller ? compareWords(word, "") : .older
        case (.word(let left), .word(let right)): return compareWords(left, right)
        }
    }

    private static let known = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"]

    /// Known words in their own order, then all others by bytes.
    private static func compareWords(_ left: String, _ right: String) -> VersionComparison {
        let ranks = (known.firstIndex(of: left) ?? known.count, known.firstIndex(of: right) ?? known.count)
        guard ranks.0 == ranks.1 else { return VersionComparison(ranks.0, ranks.1) }
        return ranks.0 == known.count ? .bytewise(left.utf8, right.utf8) : .same
    }
}
