public import ImageStore
public import IngotModel

/// Which repositories a token is for: `shop`, `shop/*` (one part), `shop/**` (any), `**` (all).
public struct RepositoryPattern: TextCodable, Hashable, Sendable, CustomStringConvertible {
    public static let expectation = "the name of a repository, in which * stands for one part and ** at the end for any: shop/*, team/**"
    static let longest = 200

    public let text: String
    private let parts: [String]
    public var description: String { text }

    public init?(text: String) {
        parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        self.text = text
        guard text.utf8.count <= Self.longest, let last = parts.last, parts.dropLast().allSatisfy({ $0 == "*" || Self.isPart($0) }),
            last == "*" || last == "**" || Self.isPart(last)
        else { return nil }
    }

    private static func isPart(_ text: String) -> Bool { RepositoryName("a/\(text)") != nil && !text.contains("/") }

    public func matches(_ name: RepositoryName) -> Bool {
        let words = name.text.split(separator: "/")
        let isOpen = parts.last == "**"
        let fixed = isOpen ? parts.dropLast() : parts[...]
        guard isOpen ? words.count > fixed.count : words.count == fixed.count else { return false }
        return zip(fixed, words).allSatisfy { $0 == "*" || $0 == $1 }
    }
}
