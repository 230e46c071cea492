/// Whether a text can be the name of an image: `registry.example.com:5000/team/app:1.2@sha256:…`.
///
/// Source: `github.com/distribution/reference`.
enum ImageName {
    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || isDigest(parts[1]) else { return false }
        var components = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard let last = components.popLast() else { return false }
        let tagged = last.split(separator: ":", omittingEmptySubsequences: false)
        guard tagged.count <= 2, tagged.count == 1 || isTag(tagged[1]) else { return false }
        if let domain = components.first, domain.contains(".") || domain.contains(":") || domain == "localhost" || domain != domain.lowercased() {
            guard isDomain(domain) else { return false }
            components.removeFirst()
        }
        return (components + [tagged[0]]).allSatisfy(isComponent)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }

    /// Small letters and digits, between them a point, one or two underscores, or hyphens.
    private static func isComponent(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first), isAlphanumeric(last) else { return false }
        let separators = text.utf8.split(whereSeparator: isAlphanumeric).map { String(decoding: $0, as: UTF8.self) }
        return separators.allSatisfy { $0 == "." || $0 == "_" || $0 == "__" || $0.allSatisfy { $0 == "-" } }
    }

    private static func isDomain(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || (!parts[1].isEmpty && parts[1].allSatisfy { $0.isASCII && $0.isNumber }) else { return false }
        return parts[0].lowercased().split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-" && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isTag(_ text: Substring) -> Bool {
        guard let first = text.lowercased().utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "_"), text.utf8.count <= 128 else {
            return false
        }
        return text.lowercased().utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    private static func isDigest(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].utf8.count >= 32 && parts[1].allSatisfy(\.isHexDigit)
    }
}
