/// One stanza of dpkg's status file.
///
/// Source: deb-control(5), dpkg(1); Debian Policy, section 7.1 for relationships.
struct InstalledPackage: Hashable, Sendable {
    var name: String
    var version: String
    var architecture: String
    var isEssential: Bool
    /// Groups of alternatives, names only.
    var dependencies: [[String]]
    var provides: [String]
    /// As it stands in the file.
    var stanza: String

    /// The packages of a status file that are installed.
    static func parse(status: String) -> [InstalledPackage] {
        var packages: [InstalledPackage] = []
        var stanza: [Substring] = []
        let lines: [Substring] = status.split(separator: "\n", omittingEmptySubsequences: false) + [""]
        for line in lines {
            guard line.isEmpty else {
                stanza.append(line)
                continue
            }
            if let package = InstalledPackage(stanza) { packages.append(package) }
            stanza = []
        }
        return packages
    }

    private init?(_ lines: [Substring]) {
        var fields: [String: String] = [:]
        for line in lines where line.first.map({ !$0.isWhitespace }) == true {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0.isWhitespace }
            fields[line[..<colon].lowercased()] = String(value)
        }
        guard let name = fields["package"], let version = fields["version"], fields["status"]?.hasSuffix(" installed") == true else { return nil }
        self.name = name
        self.version = version
        architecture = fields["architecture"] ?? ""
        isEssential = fields["essential"] == "yes"
        dependencies = ["pre-depends", "depends"].flatMap { Self.relations(fields[$0]) }
        provides = Self.relations(fields["provides"]).compactMap(\.first)
        stanza = lines.joined(separator: "\n") + "\n"
    }

    /// `a (>= 1) | b, c:any` is `[[a, b], [c]]`.
    private static func relations(_ text: String?) -> [[String]] {
        (text ?? "").split(separator: ",").map { group in
            group.split(separator: "|").compactMap { $0.split { " (:".contains($0) }.first.map(String.init) }
        }
    }
}
