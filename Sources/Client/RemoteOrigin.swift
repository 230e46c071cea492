import Foundation

/// `https://HOST:PORT`, and nothing else: no other scheme, no path, no name and password.
public struct RemoteOrigin: Sendable, Equatable, CustomStringConvertible {
    public static let expectation = "the address of a daemon, written https://HOST:PORT"
    public let text: String

    public init?(text: String) {
        guard text.utf8.count <= 300, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), let parts = URLComponents(string: text),
            parts.scheme?.lowercased() == "https", let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil, parts.path.isEmpty || parts.path == "/"
        else { return nil }
        if let port = parts.port, !(1...65_535).contains(port) { return nil }
        self.text = text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    public var description: String { text }
}
