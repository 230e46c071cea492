/// Who did something, as it stands in events and records: `user:alice`, or `user:alice (token ci)` where it was by a token of hers.
public struct Principal: TextCodable, Hashable, Sendable, CustomStringConvertible {
    public static let expectation = "who did it, such as user:alice or user:alice (token ci)"

    /// The person behind it: `user:alice`. Two actors with one person are one pair of eyes.
    public var person: String
    public var token: TokenName?

    public init(person: String, token: TokenName? = nil) {
        self.person = person
        self.token = token
    }

    private static let infix = " (token "

    public init?(text: String) {
        guard let start = text.firstIndex(of: " ") else {
            guard !text.isEmpty else { return nil }
            self.init(person: text)
            return
        }
        let rest = text[start...]
        guard start > text.startIndex, rest.hasPrefix(Self.infix), rest.hasSuffix(")"),
            let token = TokenName(rest.dropFirst(Self.infix.count).dropLast())
        else { return nil }
        self.init(person: String(text[..<start]), token: token)
    }

    /// The person behind an actor's text; the text itself where it is in no form of ours, so that it is nobody else's.
    public static func person(behind text: String) -> String { Principal(text: text)?.person ?? text }

    public var text: String { token.map { "\(person)\(Self.infix)\($0))" } ?? person }
    public var description: String { text }
}

/// What its owner calls a token.
public struct TokenName: NameIdentifier {
    public static let expectation = "a token's name: 1 to 40 of a-z, 0-9 and '-', beginning with a letter, not ending with '-'"
    public let name: String
    public init(uncheckedName: String) { name = uncheckedName }
}
