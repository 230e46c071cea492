/// Whom a role is given to: a user or a group of the machine, or the owner of tokens. Written `user:alice`, `group:deployers`.
public enum AccessSubject: TextCodable, Hashable, Comparable, Sendable, CustomStringConvertible {
    case user(String)
    case group(String)

    public static let expectation = "a user or a group, written user:alice or group:deployers"
    private static let longestName = 64

    public init?(text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = String(text[text.index(after: colon)...])
        guard Self.isName(name) else { return nil }
        switch text[..<colon] {
        case "user": self = .user(name)
        case "group": self = .group(name)
        default: return nil
        }
    }

    /// Letters, digits and what directories put into names; nothing by which an actor could be read as another one.
    public static func isName(_ name: String) -> Bool {
        (1...longestName).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "._@-\\$+".utf8.contains(byte)
            }
    }

    public var text: String {
        switch self {
        case .user(let name): "user:\(name)"
        case .group(let name): "group:\(name)"
        }
    }

    public var description: String { text }
    public static func < (left: AccessSubject, right: AccessSubject) -> Bool { left.text < right.text }
}
