/// Alpine's packages. Source: apk-tools, the "installed" database.
extension MaterialReader {
    static let apk = MaterialReader(
        name: "apk", isDatabase: true, claims: { path, _ in path == "lib/apk/db/installed" || path == "usr/lib/apk/db/installed" },
        read: { bytes, _ in ApkDatabase.read(bytes) })
}

private enum ApkDatabase {
    static func read(_ bytes: [UInt8]) -> Materials {
        var materials = Materials()
        var fields: [UInt8: String] = [:]
        var folder: ArraySlice<UInt8> = []
        for line in ByteLines(bytes) {
            guard !line.isEmpty else {
                add(fields, to: &materials)
                fields = [:]
                continue
            }
            guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: ":"), let key = line.first else {
                materials.addProblem("a line has no field")
                continue
            }
            let value = line.dropFirst(2)
            switch key {
            case UInt8(ascii: "F"): folder = value
            case UInt8(ascii: "R"): materials.ownedFiles.append(OwnedPath.hash(folder + [UInt8(ascii: "/")] + value))
            case UInt8(ascii: "P"), UInt8(ascii: "V"), UInt8(ascii: "A"), UInt8(ascii: "L"), UInt8(ascii: "o"):
                guard fields.updateValue(value.text, forKey: key) != nil else { continue }
                materials.addProblem("a package has the field \(Character(Unicode.Scalar(key))) twice")
            default: break
            }
        }
        add(fields, to: &materials)
        return materials
    }

    private static func add(_ fields: [UInt8: String], to materials: inout Materials) {
        guard !fields.isEmpty else { return }
        guard let name = fields[UInt8(ascii: "P")], let version = fields[UInt8(ascii: "V")] else {
            return materials.addProblem("a package has no name or no version")
        }
        materials.add(
            Package(
                ecosystem: .alpine, name: name, version: version,
                source: Package.Source(name: fields[UInt8(ascii: "o")] ?? name, version: version), architecture: fields[UInt8(ascii: "A")],
                licenses: fields[UInt8(ascii: "L")].map { [$0] } ?? []))
    }
}
