internal import ImageStore

/// Rust's crates. Source: Cargo, "Cargo.lock"; cargo-auditable, the section `.dep-v0`.
extension MaterialReader {
    static let cargoLock = MaterialReader(
        name: "Cargo.lock", claims: { _, name in name == "Cargo.lock" },
        read: { bytes, _ in
            do {
                return crates(try LockTables.read(bytes, table: "package"))
            } catch { return .problem("it is not a lock file of Cargo: \(error)") }
        })

    private static func crates(_ tables: [[String: LockTables.Value]]) -> Materials {
        var materials = Materials()
        for table in tables {
            guard case .string(let name) = table["name"], case .string(let version) = table["version"] else {
                materials.addProblem("a package has no name or no version")
                continue
            }
            // What has no source is of the project itself.
            guard case .string(let source) = table["source"], source.hasPrefix("registry+") else { continue }
            materials.add(Package(ecosystem: .cratesIO, name: name, version: version))
        }
        return materials
    }
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
