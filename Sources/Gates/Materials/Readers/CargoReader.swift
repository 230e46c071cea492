internal import ImageStore

/// Rust's crates. Source: Cargo, "Cargo.lock"; cargo-auditable, the section `.dep-v0`.
extension MaterialReader {
    static let cargoLock = MaterialReader(
        name: "Cargo.lock", claims: { _, name in name == "Cargo.lock" },
        read: { bytes, _ in
            var materials = Materials()
            // What has no source is of the project itself.
            for table in LockTables.read(bytes, table: "package") where table["source"]?.hasPrefix("registry+") == true {
                guard let name = table["name"], let version = table["version"] else { continue }
                materials.add(Package(ecosystem: .cratesIO, name: name, version: version))
            }
            return materials
        })
}

enum AuditableCrates {
    private struct Document: Decodable {
        struct Crate: Decodable {
            var name: String
            var version: String
            var source: String?
            var kind: String?
        }
        var packages: [Crate]
    }

    /// - Parameter section: JSON that zlib compressed.
    static func read(_ section: [UInt8]) -> Materials {
        guard let json = Inflation.bytes(section, .zlib, limit: MaterialLimits.buildInformation),
            let document = ForeignJSON.decode(Document.self, json)
        else { return .problem("its list of crates (.dep-v0) is damaged or too large") }
        var materials = Materials()
        for crate in document.packages where crate.kind != "build" && crate.source == "crates.io" {
            materials.add(Package(ecosystem: .cratesIO, name: crate.name, version: crate.version))
        }
        return materials
    }
}
