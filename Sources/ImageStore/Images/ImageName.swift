/// The name of an image as people and Dockerfiles write it, in its parts: `registry.example.com:5000/team/app:1.2@sha256:…`.
///
/// Source: `github.com/distribution/reference`. What a name without a host means is not decided here.
public struct ImageName: Hashable, Sendable {
    /// In bytes, host and path together. Source: the same, `RepositoryNameTotalLengthMax`.
    public static let longest = 255

    /// `registry.example.com:5000`, `localhost`, `[::1]:5000`; `nil` when the name has none.
    public let host: String?
    /// `team/app`
    public let path: String
    public let tag: String?
    /// With its algorithm: `sha256:…`.
    public let digest: String?

    /// `nil` when the text cannot be a name.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || Self.isDigest(parts[1]) else { return nil }
        var components = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard let last = components.popLast() else { return nil }
        let tagged = last.split(separator: ":", omittingEmptySubsequences: false)
        guard tagged.count <= 2, tagged.count == 1 || Self.isTag(tagged[1]) else { return nil }
        if let domain = components.first, Self.looksLikeHost(domain) {
            guard Self.isHost(domain) else { return nil }
            host = String(components.removeFirst())
        } else {
            host = nil
        }
        components.append(tagged[0])
        guard components.allSatisfy(Self.isComponent) else { return nil }
        path = components.joined(separator: "/")
        tag = tagged.count == 2 ? String(tagged[1]) : nil
        digest = parts.count == 2 ? String(parts[1]) : nil
        guard path.utf8.count + (host?.utf8.count ?? 0) <= Self.longest else { return nil }
    }

    public static func isValid(_ text: String) -> Bool { ImageName(text) != nil }

    /// Whether a first component is a host and no part of a path.
    private static func looksLikeHost(_ text: Substring) -> Bool {
        text.contains(".") || text.contains(":") || text == "localhost" || text.lowercased() != text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }

    /// Small letters and digits, between them a point, one or two underscores, or hyphens.
    private static func isComponent(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first), isAlphanumeric(last) else { return false }
        let separators = text.utf8.split(whereSeparator: isAlphanumeric).map { String(decoding: $0, as: UTF8.self) }
        return separators.allSatisfy { $0 == "." || $0 == "_" || $0 == "__" || $0.allSatisfy { $0 == "-" } }
    }

    /// A name of DNS, an address of IPv4, or one of IPv6 in brackets; a port behind it.
    static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            let address = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            let isAddress = address.contains(":") && address.utf8.count <= 39 && address.allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == ":") }
            return isAddress && (rest.isEmpty || (rest.hasPrefix(":") && isPort(rest.dropFirst())))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || isPort(parts[1]) else { return false }
        return parts[0].lowercased().split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-" && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) } && Int(text).map { (1...65_535).contains($0) } ?? false
    }

    private static func isTag(_ text: Substring) -> Bool {
        guard let first = text.lowercased().utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "_"), text.utf8.count <= 128 else {
            return false
        }
        return text.lowercased().utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    private static func isDigest(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && (32...128).contains(parts[1].utf8.count)
            && parts[1].allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}
