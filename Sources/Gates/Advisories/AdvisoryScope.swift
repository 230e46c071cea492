/// What an advisory's package names are names in: an ecosystem, with its release where it is a distribution's: `PyPI`, `Debian:12`.
public struct AdvisoryScope: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let text: String
    public let order: VersionOrder

    private init(_ text: String, _ order: VersionOrder) {
        self.text = text
        self.order = order
    }

    /// Reads OSV's `ecosystem`. `nil` for one whose versions can't be ordered here, and for a distribution without its release:
    /// that says nothing about any release.
    ///
    /// Source: OSV schema 1.7, "Defined ecosystems"; its suffixes.
    public init?(_ ecosystem: String) {
        let parts = ecosystem.split(separator: ":", maxSplits: 3).map(String.init)
        guard let family = parts.first, let order = Self.orders[family], ecosystem.utf8.count <= 64 else { return nil }
        guard Self.distributions.contains(family) else {
            self.init(family, order)
            return
        }
        // `Ubuntu:Pro:…` is about fixes that only subscribers get. `:LTS` is no other release.
        guard parts.count > 1, parts[1] != "Pro" else { return nil }
        self.init("\(family):\(parts[1])", order)
    }

    private static let distributions: Set<String> = ["Debian", "Ubuntu", "Alpine"]
    private static let orders: [String: VersionOrder] = [
        "Debian": .dpkg, "Ubuntu": .dpkg, "Alpine": .apk, "PyPI": .pep440, "npm": .semantic, "Go": .go, "crates.io": .semantic,
        "Maven": .maven, "RubyGems": .rubygems, "NuGet": .nuget,
    ]

    /// The scope of a language's packages; `nil` for a distribution's.
    public init?(_ ecosystem: Ecosystem) { self.init(ecosystem.rawValue) }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// The one spelling of a package's name under which it is found.
    ///
    /// Source: PEP 503 for PyPI; NuGet's identifiers have no case.
    public func normalized(_ name: String) -> String {
        switch text {
        case "PyPI": Self.normalizedPython(name)
        case "NuGet": name.lowercased()
        default: name
        }
    }

    /// Every name under which a package's advisories are to be found. An archive of Java that Maven did not make says its artifact but not
    /// its group: advisories of any group answer for it.
    func names(of package: String) -> [String] {
        guard text == "Maven", let colon = package.firstIndex(of: ":") else { return [package] }
        return [package, String(package[package.index(after: colon)...])]
    }

    /// Whether a name is one that advisories give, and no part of one.
    func isWhole(_ name: String) -> Bool { text != "Maven" || name.contains(":") }

    private static func normalizedPython(_ name: String) -> String {
        var result: [UInt8] = []
        for byte in name.utf8.map(\.lowercased) {
            let isSeparator = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            if isSeparator, result.last == UInt8(ascii: "-") { continue }
            result.append(isSeparator ? UInt8(ascii: "-") : byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: Codable

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let scope = AdvisoryScope(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is no ecosystem known here"))
        }
        self = scope
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
