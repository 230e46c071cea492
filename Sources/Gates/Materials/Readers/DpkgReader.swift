/// Debian's packages. Source: dpkg(1), deb-control(5), deb-src-control(5).
extension MaterialReader {
    static let dpkgStatus = MaterialReader(
        name: "dpkg", isDatabase: true, claims: { path, _ in path == "var/lib/dpkg/status" }, read: { bytes, _ in DpkgParagraph.read(bytes) })

    /// Images without a package manager keep one file for each package. Source: Google's distroless images.
    static let dpkgStatusFolder = MaterialReader(
        name: "dpkg status.d", isDatabase: true,
        claims: { path, name in path.hasPrefix("var/lib/dpkg/status.d/") && !name.hasSuffix(".md5sums") },
        read: { bytes, _ in DpkgParagraph.read(bytes) })

    /// Which files a package owns.
    static let dpkgFiles = MaterialReader(
        name: "dpkg files", claims: { path, _ in path.hasPrefix("var/lib/dpkg/info/") && path.hasSuffix(".list") },
        read: { bytes, path in
            // `name.list`, `name:architecture.list`
            let owner = path.split(separator: "/").last?.dropLast(".list".count).prefix { $0 != ":" } ?? ""
            return Materials(owner: String(owner), ownedFiles: ByteLines(bytes).map { OwnedPath.hash($0.drop { $0 == UInt8(ascii: "/") }) })
        })
}

/// A path as packages name it and as it lies in the image differ where `/bin` and `/lib` are links into `/usr`.
enum OwnedPath {
    static func hash(_ path: some Collection<UInt8>) -> UInt64 {
        path.starts(with: Array("usr/".utf8)) ? PathHash.of(path.dropFirst(4)) : PathHash.of(path)
    }
}

private enum DpkgParagraph {
    static let fields: Set<String> = ["package", "version", "architecture", "status", "source"]

    static func read(_ bytes: [UInt8]) -> Materials {
        var materials = Materials()
        var paragraphs = ControlParagraphs(bytes, wanted: fields)
        while let fields = paragraphs.next() {
            if let field = paragraphs.repeated { materials.addProblem("a paragraph has the field \(field) twice") }
            // What was removed and left its configuration is no longer installed; a half-installed one has its files there.
            if let status = fields["status"]?.split(separator: " ").last, status == "config-files" || status == "not-installed" { continue }
            guard let name = fields["package"], let version = fields["version"] else {
                materials.addProblem("a paragraph has no package or no version")
                continue
            }
            materials.add(
                Package(
                    ecosystem: .debian, name: name, version: version, source: source(fields["source"], name, version),
                    architecture: fields["architecture"]))
        }
        if materials.packages.isEmpty, bytes.contains(where: { $0 > 32 }), materials.problems.isEmpty, !bytes.starts(with: Array("Package:".utf8)) {
            materials.addProblem("it is no package database")
        }
        return materials
    }

    /// `Source: name (version)`, each left out where it is the package's own.
    private static func source(_ text: String?, _ name: String, _ version: String) -> Package.Source {
        guard let text, !text.isEmpty else { return Package.Source(name: name, version: version) }
        let parts = text.split(separator: " ", maxSplits: 1)
        let inner = parts.count == 2 ? parts[1].drop { $0 == " " || $0 == "(" }.prefix { $0 != ")" } : ""
        return Package.Source(name: String(parts[0]), version: inner.isEmpty ? version : String(inner))
    }
}
