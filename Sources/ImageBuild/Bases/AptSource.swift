import IngotModel

/// One line of apt's sources, as far as a base image needs it.
///
/// Source: sources.list(5): the one-line style and the deb822 style.
struct AptSource: Hashable, Sendable {
    var uri: String
    var suite: String
    var components: [String]
    /// A keyring's path; apt's own keyrings when `nil`.
    var signedBy: String?

    static let debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    static let ubuntuKeyring = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"

    /// In the one-line style, which mmdebstrap takes as an argument.
    var line: String {
        let options = signedBy.map { " [signed-by=\($0)]" } ?? ""
        return "deb\(options) \(uri) \(suite) \(components.joined(separator: " "))"
    }

    /// The file that says when the archive was made, signed.
    var releaseURL: String { "\(uri.hasSuffix("/") ? String(uri.dropLast()) : uri)/dists/\(suite)/InRelease" }

    /// The sources for a specification: its snapshot or mirror, else those of this machine, else the distribution's own.
    ///
    /// - Parameter host: the texts of the machine's `sources.list` and `*.sources`.
    static func sources(_ base: BaseImageSpecification, host: [String]) -> [AptSource] {
        let suite = base.suite
        if let snapshot = base.snapshot {
            let archive = "http://snapshot.debian.org/archive"
            return debian(suite, "\(archive)/debian/\(snapshot)/", "\(archive)/debian-security/\(snapshot)/")
        }
        let components = base.distribution == .debian ? ["main"] : ["main", "universe"]
        let keyring = base.distribution == .debian ? debianKeyring : ubuntuKeyring
        if let mirror = base.mirror { return [AptSource(uri: mirror, suite: suite, components: components, signedBy: keyring)] }
        let wanted = [suite, "\(suite)-updates", "\(suite)-security"]
        var seen: Set<AptSource> = []
        let found = host.flatMap(parse).filter { wanted.contains($0.suite) && seen.insert($0).inserted }
        if found.contains(where: { $0.suite == suite }) { return found }
        guard base.distribution == .debian else {
            return wanted.map { AptSource(uri: "http://archive.ubuntu.com/ubuntu", suite: $0, components: components, signedBy: keyring) }
        }
        return debian(suite, "http://deb.debian.org/debian", "http://deb.debian.org/debian-security")
    }

    private static func debian(_ suite: String, _ archive: String, _ security: String) -> [AptSource] {
        [(archive, suite), (archive, "\(suite)-updates"), (security, "\(suite)-security")].map {
            AptSource(uri: $0.0, suite: $0.1, components: ["main"], signedBy: debianKeyring)
        }
    }

    static func parse(_ text: String) -> [AptSource] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.drop { $0 == " " }.first != "#" }
        return lines.compactMap(oneLine) + lines.split { $0.allSatisfy(\.isWhitespace) }.flatMap { stanza($0) }
    }

    private static func oneLine(_ line: Substring) -> AptSource? {
        var words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.first == "deb", words.count >= 4 else { return nil }
        words.removeFirst()
        var signedBy: String?
        if words[0].hasPrefix("[") {
            guard let end = words.firstIndex(where: { $0.hasSuffix("]") }) else { return nil }
            let options = words[...end].joined(separator: " ").split { "[] ".contains($0) }
            signedBy = options.first { $0.hasPrefix("signed-by=") }.map { String($0.dropFirst("signed-by=".count)) }
            words.removeSubrange(...end)
        }
        guard words.count >= 3 else { return nil }
        return AptSource(uri: words[0], suite: words[1], components: Array(words[2...]), signedBy: signedBy)
    }

    private static func stanza(_ lines: ArraySlice<Substring>) -> [AptSource] {
        var fields: [String: [String]] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, line.first != " " else { continue }
            fields[parts[0].lowercased()] = parts[1].split { $0 == " " || $0 == "\t" }.map(String.init)
        }
        guard fields["types"]?.contains("deb") == true, fields["enabled"] != ["no"] else { return [] }
        let signedBy = fields["signed-by"]?.first.flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (fields["uris"] ?? []).flatMap { uri in
            (fields["suites"] ?? []).map { AptSource(uri: uri, suite: $0, components: fields["components"] ?? [], signedBy: signedBy) }
        }
    }
}
