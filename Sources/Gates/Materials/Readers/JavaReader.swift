/// Java's archives, and archives within them. Source: Maven, "pom.properties"; the JAR File Specification, "Manifest".
extension MaterialReader {
    static let javaArchive = MaterialReader(
        name: "java", largest: MaterialLimits.archive,
        claims: { _, name in name.hasSuffix(".jar") || name.hasSuffix(".war") || name.hasSuffix(".ear") },
        read: { bytes, path in
            var reader = JavaArchive()
            reader.read(bytes, name: path.split(separator: "/").last.map(String.init) ?? path, depth: 0)
            return reader.materials
        })
}

private struct JavaArchive {
    var materials = Materials()
    /// Bytes that may still be decompressed: one account for all that is nested.
    private var left = MaterialLimits.archiveTotal
    private var entriesLeft = MaterialLimits.archiveEntries

    mutating func read(_ bytes: [UInt8], name: String, depth: Int) {
        guard let zip = ZipDirectory(bytes, limit: entriesLeft) else {
            return materials.addProblem("\(Self.shown(name)) is no zip archive, is damaged, or has too many entries")
        }
        entriesLeft -= zip.entries.count
        var hasProperties = false
        for entry in zip.entries where entry.name.hasPrefix("META-INF/maven/") && entry.name.hasSuffix("/pom.properties") {
            guard let content = content(entry, of: zip, limit: 64 << 10) else { continue }
            hasProperties = add(properties: content) || hasProperties
        }
        if !hasProperties, let entry = zip.entries.first(where: { $0.name == "META-INF/MANIFEST.MF" }),
            let content = content(entry, of: zip, limit: 1 << 20)
        {
            add(manifest: content, name: name)
        }
        for entry in zip.entries where entry.name.hasSuffix(".jar") || entry.name.hasSuffix(".war") {
            guard depth + 1 < MaterialLimits.nesting else {
                materials.addProblem("archives are nested deeper than \(MaterialLimits.nesting)")
                return
            }
            guard let content = content(entry, of: zip, limit: MaterialLimits.archiveEntry) else { continue }
            read(content, name: entry.name.split(separator: "/").last.map(String.init) ?? entry.name, depth: depth + 1)
        }
    }

    private mutating func content(_ entry: ZipDirectory.Entry, of zip: ZipDirectory, limit: Int) -> [UInt8]? {
        guard left > 0, let content = zip.content(entry, limit: min(limit, left)) else {
            materials.addProblem("\(Self.shown(entry.name)) in it is damaged or too large")
            return nil
        }
        left -= content.count
        return content
    }

    /// For messages: names in archives are of any length.
    private static func shown(_ name: String) -> String { String(name.prefix(120)) }

    private mutating func add(properties: [UInt8]) -> Bool {
        var fields: [String: String] = [:]
        for line in ByteLines(properties) where line.first != UInt8(ascii: "#") {
            if let (key, value) = line.split(at: UInt8(ascii: "=")) { fields[key.trimmed.text] = value.trimmed.text }
        }
        guard let group = fields["groupId"], let artifact = fields["artifactId"], let version = fields["version"] else { return false }
        materials.add(Package(ecosystem: .maven, name: "\(group):\(artifact)", version: version))
        return true
    }

    /// An archive that Maven did not make: what its manifest and its name say, and that is no group. Without a version nothing is known of it.
    private mutating func add(manifest: [UInt8], name: String) {
        var paragraphs = ControlParagraphs(manifest, wanted: ["implementation-version", "bundle-version"])
        let fields = paragraphs.next() ?? [:]
        let file = Self.parts(name)
        guard let version = file.version ?? fields["implementation-version"] ?? fields["bundle-version"], !file.name.isEmpty else { return }
        guard MaterialLimits.isText(version), MaterialLimits.isText(file.name) else { return }
        materials.add(Package(ecosystem: .maven, name: file.name, version: version))
    }

    /// `name-1.2.3.jar`
    private static func parts(_ file: String) -> (name: String, version: String?) {
        let stem = file.dropLast(4)
        var search = stem[...]
        while let hyphen = search.firstIndex(of: "-") {
            let rest = search[search.index(after: hyphen)...]
            if rest.first?.isNumber == true { return (String(stem[..<hyphen]), String(rest)) }
            search = rest
        }
        return (String(stem), nil)
    }
}
