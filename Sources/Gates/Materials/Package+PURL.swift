extension Package {
    /// The package's address among all ecosystems. Source: package-url specification 1.0, "Types".
    ///
    /// - Parameter distribution: which Debian or Alpine it is of: the namespace and the qualifier `distro`.
    public func purl(in distribution: Distribution?) -> String {
        var text = "pkg:\(type(distribution))/"
        let parts = nameParts(distribution)
        text += parts.map(Self.encoded).joined(separator: "/") + "@" + Self.encoded(version)
        var qualifiers: [String] = []
        if let architecture { qualifiers.append("arch=\(Self.encoded(architecture))") }
        if isOfDistribution, let distribution {
            qualifiers.append("distro=\(Self.encoded([distribution.id, distribution.versionID].compactMap { $0 }.joined(separator: "-")))")
        }
        if let source, source.name != name || source.version != version {
            qualifiers.append("upstream=\(Self.encoded(source.name + (source.version == version ? "" : "@\(source.version)")))")
        }
        return qualifiers.isEmpty ? text : text + "?" + qualifiers.joined(separator: "&")
    }

    /// Without what is known of the distribution only.
    public var purl: String { purl(in: nil) }

    var isOfDistribution: Bool { ecosystem == .debian || ecosystem == .alpine }

    private func type(_ distribution: Distribution?) -> String {
        switch ecosystem {
        case .debian: "deb"
        case .alpine: "apk"
        case .pypi: "pypi"
        case .npm: "npm"
        case .go: "golang"
        case .cratesIO: "cargo"
        case .maven: "maven"
        case .rubygems: "gem"
        case .nuget: "nuget"
        }
    }

    private func nameParts(_ distribution: Distribution?) -> [String] {
        switch ecosystem {
        case .debian: [distribution?.id ?? "debian", name]
        case .alpine: [distribution?.id ?? "alpine", name]
        case .maven: name.split(separator: ":", maxSplits: 1).map(String.init)
        // Source: purl types `golang` and `npm`: the namespace is what is before the last slash.
        case .go, .npm: name.split(separator: "/").map(String.init)
        default: [name]
        }
    }

    /// Percent-encoded as the specification wants it; a colon stays.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || ".-_~:".utf8.contains(byte)
            if isPlain { bytes.append(byte) } else { bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
