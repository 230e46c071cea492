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
            guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { return .problem("it is no text") }
            return PythonName.materials(
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
            do {
                return packages(try LockTables.read(bytes, table: "package"))
            } catch { return .problem("it is not a lock file of Poetry or uv: \(error)") }
        })

    private static func packages(_ tables: [[String: LockTables.Value]]) -> Materials {
        var pairs: [(String, String)] = []
        var isIncomplete = false
        for table in tables {
            if case .string(let name) = table["name"], case .string(let version) = table["version"] {
                pairs.append((name, version))
            } else if case .other(let source) = table["source"], case .string = table["name"], !source.contains("registry") {
                // The version of what is built from a folder may be known only then.
                continue
            } else {
                isIncomplete = true
            }
        }
        var materials = PythonName.materials(pairs)
        if isIncomplete { materials.addProblem("a package has no name or no version") }
        return materials
    }

    static let pipfileLock = MaterialReader(
        name: "Pipfile.lock", largest: MaterialLimits.json, claims: { _, name in name == "Pipfile.lock" },
        read: { bytes, _ in
            struct Lock: Decodable {
                struct Entry: Decodable { var version: String? }
                var `default`: [String: Entry]?
                var develop: [String: Entry]?
            }
            guard let lock = ForeignJSON.decode(Lock.self, bytes), lock.default != nil || lock.develop != nil else {
                return .problem("it is not a lock file of Pipenv")
            }
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
