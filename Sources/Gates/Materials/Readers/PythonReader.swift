/// Python's packages: installed ones, and lock files. Source: PyPA specifications, "Core metadata", "Recording installed projects"; PEP 503.
extension MaterialReader {
    static let pythonMetadata = MaterialReader(
        name: "python",
        claims: { path, name in
            name == "METADATA" && path.hasSuffix(".dist-info/METADATA") || name == "PKG-INFO" && path.hasSuffix(".egg-info/PKG-INFO")
                || name.hasSuffix(".egg-info")
        },
        read: { bytes, _ in
            // The description is behind the first empty line.
            var paragraphs = ControlParagraphs(bytes, wanted: ["name", "version", "license-expression"])
            guard let fields = paragraphs.next(), let name = fields["name"], let version = fields["version"] else {
                return .problem("it does not say name and version")
            }
            return PythonName.materials([(name, version)], licenses: fields["license-expression"].map { [$0] } ?? [])
        })

    /// Only what is pinned says what is there: `name==version`.
    static let pythonRequirements = MaterialReader(
        name: "requirements.txt", claims: { _, name in name == "requirements.txt" },
        read: { bytes, _ in
            PythonName.materials(
                ByteLines(bytes).compactMap { line in
                    let text = line.text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0].split(separator: ";")[safe: 0] ?? ""
                    guard !text.hasPrefix("-"), let place = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
                    let rest = text[place...].drop { $0 == "=" }
                    guard text[place...].hasPrefix("=="), !rest.contains("*") else { return nil }
                    let name = text[..<place].prefix { $0 != "[" && $0 != " " }
                    let version = rest.drop { $0 == " " }.prefix { $0 != " " && $0 != "\\" && $0 != "," }
                    return (String(name), String(version))
                })
        })

    static let pythonLock = MaterialReader(
        name: "poetry.lock, uv.lock", claims: { _, name in name == "poetry.lock" || name == "uv.lock" },
        read: { bytes, _ in
            PythonName.materials(
                LockTables.read(bytes, table: "package").compactMap { table in
                    guard let name = table["name"], let version = table["version"] else { return nil }
                    return (name, version)
                })
        })

    static let pipfileLock = MaterialReader(
        name: "Pipfile.lock", claims: { _, name in name == "Pipfile.lock" },
        read: { bytes, _ in
            struct Lock: Decodable {
                struct Entry: Decodable { var version: String? }
                var `default`: [String: Entry]?
                var develop: [String: Entry]?
            }
            guard let lock = ForeignJSON.decode(Lock.self, bytes) else { return .problem("it is not a lock file of Pipenv") }
            let entries = Array(lock.default ?? [:]) + Array(lock.develop ?? [:])
            return PythonName.materials(
                entries.compactMap { name, entry in entry.version.map { (name, String($0.drop { $0 == "=" })) } }.sorted { $0 < $1 })
        })
}

enum PythonName {
    /// In lower case, runs of `-`, `_` and `.` as one hyphen. Source: PEP 503.
    static func normalized(_ name: String) -> String {
        var result: [UInt8] = []
        for byte in name.lowercased().utf8 {
            guard "-_.".utf8.contains(byte) else {
                result.append(byte)
                continue
            }
            if result.last != UInt8(ascii: "-") { result.append(UInt8(ascii: "-")) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func materials(_ pairs: [(String, String)], licenses: [String] = []) -> Materials {
        var materials = Materials()
        for (name, version) in pairs {
            materials.add(Package(ecosystem: .pypi, name: normalized(name), version: version, licenses: licenses))
        }
        return materials
    }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
