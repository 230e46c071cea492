/// Finds secrets in bytes by all rules at once.
struct SecretMatcher: Sendable {
    /// One secret in some bytes. It holds no part of the secret but where it stands.
    struct Match: Hashable {
        var rule: Int
        var range: Range<Int>
    }

    let rules: [SecretRule]
    private let search: KeywordSearch
    private let ruleOfWord: [Int]
    private let wordLengths: [Int]
    private let wordIsExact: [[UInt8]]

    static let standard = SecretMatcher(SecretRule.all)

    init(_ rules: [SecretRule]) {
        self.rules = rules
        let words = rules.enumerated().flatMap { index, rule in rule.words.map { (index, $0) } }
        ruleOfWord = words.map(\.0)
        wordLengths = words.map(\.1.utf8.count)
        // A token's prefix is written in one way only; names of variables are not.
        wordIsExact = words.map { index, word in
            if case .assignment = rules[index].shape { [] } else { Array(word.utf8) }
        }
        search = KeywordSearch(words.map(\.1))
    }

    struct Matches {
        /// In order; of two that overlap the more severe one.
        var list: [Match]
        /// Whether there was more than is kept: what is missing may be of any rule.
        var isCut: Bool
    }

    /// - Parameters:
    ///   - path: without a leading slash; empty for text that is no file.
    ///   - limit: how many are kept at most.
    func matches(in bytes: UnsafeBufferPointer<UInt8>, path: String, limit: Int = SecretLimits.findingsOfFile) -> Matches {
        // As git and grep decide it: no NUL near the beginning.
        let isProgram = bytes.prefix(8000).contains(0)
        var found: [Match] = []
        var isCut = false
        search.forEachMatch(in: bytes) { word, end in
            let rule = ruleOfWord[word]
            guard !isCut, !isProgram || rules[rule].isForPrograms else { return }
            let start = end - wordLengths[word]
            let exact = wordIsExact[word]
            guard exact.isEmpty || bytes[start..<end].elementsEqual(exact) else { return }
            guard let range = check(rules[rule], bytes, start..<end, path) else { return }
            if found.count < limit { found.append(Match(rule: rule, range: range)) } else { isCut = true }
        }
        return Matches(list: withoutOverlaps(found), isCut: isCut)
    }

    private func check(_ rule: SecretRule, _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ path: String) -> Range<Int>? {
        guard rule.paths.isEmpty || rule.paths.contains(where: { path.hasSuffix($0) }), let range = rule.shape.find(bytes, word: word) else {
            return nil
        }
        let value = bytes[range]
        guard rule.entropy == 0 || Entropy.bits(value) >= rule.entropy, !SecretAllowance.isPlaceholder(value) else { return nil }
        if case .privateKey = rule.shape, PublishedKeys.contains(bytes, behind: word.upperBound) { return nil }
        return SecretAllowance.isKnown(path, rule) ? nil : range
    }

    private func withoutOverlaps(_ found: [Match]) -> [Match] {
        var kept: [Match] = []
        let severest = found.sorted {
            (rules[$1.rule].severity, $0.range.lowerBound) < (rules[$0.rule].severity, $1.range.lowerBound)
        }
        for match in severest where !kept.contains(where: { $0.range.overlaps(match.range) }) { kept.append(match) }
        return kept.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// The text with every secret in it replaced by its redacted form: for history, which is shown.
    func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        for match in bytes.withUnsafeBufferPointer({ matches(in: $0, path: "", limit: .max) }).list {
            result += bytes[position..<match.range.lowerBound]
            result += RedactedSample(bytes[match.range]).description.utf8
            position = match.range.upperBound
        }
        return String(decoding: result + bytes[position...], as: UTF8.self)
    }
}

/// How much one layer may hold of what is searched for.
enum SecretLimits {
    static let findingsOfFile = 100
    static let findingsOfLayer = 10_000
    /// A longer file is searched in pieces of that length, which overlap.
    static let piece = 16 << 20
    static let overlap = 16 << 10
}

/// What a secret may be shown as: at most its first four characters, fewer of a short one, and its length.
public struct RedactedSample: Hashable, Sendable, Codable, CustomStringConvertible {
    public var start: String
    /// In bytes.
    public var length: Int

    init(_ secret: some Collection<UInt8>) {
        start = String(decoding: secret.prefix(min(4, secret.count / 4)).filter { (33...126).contains($0) }, as: UTF8.self)
        length = secret.count
    }

    public var description: String { "\(start)… (\(length) characters)" }
}

/// What looks like a secret and is none.
enum SecretAllowance {
    /// Examples and placeholders: `EXAMPLE`, `changeme`, `${PASSWORD}`, `xxxxxxxx`.
    static func isPlaceholder(_ value: some Collection<UInt8>) -> Bool {
        let text = String(decoding: value.prefix(256), as: UTF8.self).lowercased()
        if placeholders.contains(where: { text.contains($0) }) { return true }
        if ["${", "$(", "{{", "%(", "$", "<", "/run/secrets", "file:"].contains(where: { text.hasPrefix($0) }) { return true }
        // One character, or a run of following ones, over and over.
        return Set(text.utf8).count <= 3
    }

    private static let placeholders = [
        "example", "changeme", "change_me", "change-me", "placeholder", "your_", "your-", "yourpassword", "<your", "xxxxxxxx", "redacted", "dummy",
        "abcdefgh", "1234567890abcdef", "insert", "********",
    ]

    /// Documentation and test fixtures of packages that everybody has.
    static func isKnown(_ path: String, _ rule: SecretRule) -> Bool {
        if path.hasPrefix("usr/share/doc/") || path.hasPrefix("usr/share/man/") || path.hasPrefix("usr/share/perl/") { return true }
        let isInLibrary = libraries.contains(where: { path.contains($0) })
        // What is loose in shape means nothing in the code of libraries; a real key there does.
        let isCode = isInLibrary || path.hasPrefix("usr/lib/") || path.hasPrefix("usr/share/")
        if isCode, rule.severity <= .medium || rule.id == "url-password" { return true }
        return isInLibrary && fixtures.contains(where: { path.contains($0) })
    }

    private static let libraries = ["/node_modules/", "/site-packages/", "/dist-packages/", "/gems/", "/vendor/", "/lib/python", "/go/pkg/mod/"]
    private static let fixtures = ["/test/", "/tests/", "/testdata/", "/fixtures/", "/spec/", "/examples/"]
}
