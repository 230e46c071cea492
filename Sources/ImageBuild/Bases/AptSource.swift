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

    /// In the one-line style, which mmdebstrap takes as an argument.
    var line: String {
        let options = signedBy.map { " [signed-by=\($0)]" } ?? ""
        return "deb\(options) \(uri) \(suite) \(components.joined(separator: " "))"
    }

    /// The file that says when the archive was made, signed.
    var releaseURL: String { "\(uri.hasSuffix("/") ? String(uri.dropLast()) : uri)/dists/\(suite)/InRelease" }

    /// The sources for a specification: its snapshot or mirror, else those of this machine.
    ///
    /// - Parameter host: the texts of the machine's `sources.list` and `*.sources`.
    static func sources(suite: String, mirror: String?, snapshot: String?, host: [String]) -> [AptSource] {
        if let snapshot {
            let archive = "http://snapshot.debian.org/archive"
            return debian(suite, "\(archive)/debian/\(snapshot)/", "\(archive)/debian-security/\(snapshot)/")
        }
        if let mirror { return [AptSource(uri: mirror, suite: suite, components: ["main"], signedBy: debianKeyring)] }
        let wanted = [suite, "\(suite)-updates", "\(suite)-security"]
        var seen: Set<AptSource> = []
        let found = host.flatMap(parse).filter { wanted.contains($0.suite) && seen.insert($0).inserted }
        return found.contains { $0.suite == suite } ? found : debian(suite, "http://deb.debian.org/debian", "http://deb.debian.org/debian-security")
    }

    private static func debian(_ suite: String, _ archive: String, _ security: String) -> [AptSource] {
        [
            AptSource(uri: archive, suite: suite, components: ["main"], signedBy: debianKeyring),
            AptSource(uri: archive, suite: "\(suite)-updates", components: ["main"], signedBy: debianKeyring),
            AptSource(uri: security, suite: "\(suite)-security", components: ["main"], signedBy: debianKeyring),
        ]
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

/// The `Date:` of an archive's release file, in seconds since 1970.
///
/// Source: Debian repository format, "Date, Valid-Until": as RFC 1123, in UTC.
enum ReleaseDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func parse(_ release: String) -> Timestamp? {
        guard let line = release.split(separator: "\n").first(where: { $0.hasPrefix("Date:") }) else { return nil }
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 6, let day = Int(words[2]), let month = months.firstIndex(of: words[3]), words[5].count <= 8 else { return nil }
        let clock = words[5].count == 7 ? "0" + words[5] : words[5]
        return Timestamp(text: "\(words[4])-\(padded(month + 1))-\(padded(day))T\(clock)Z")
    }

    /// The moment of a snapshot's name, `20261101T000000Z`.
    static func ofSnapshot(_ name: String) -> Timestamp? {
        let digits = Array(name)
        guard digits.count == 16, digits[8] == "T", digits[15] == "Z" else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return Timestamp(text: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z")
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
