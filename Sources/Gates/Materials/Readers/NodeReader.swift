/// Node's packages: installed ones and lock files. Source: npm, "package.json", "package-lock.json"; Yarn and pnpm, their lock files.
extension MaterialReader {
    static let nodePackage = MaterialReader(
        name: "node", largest: 16 << 20,
        claims: { path, name in name == "package.json" && (path.hasPrefix("node_modules/") || path.contains("/node_modules/")) },
        read: { bytes, path in
            struct Manifest: Decodable {
                var name: Lenient<String>?
                var version: Lenient<String>?
                var license: Lenient<String>?
            }
            guard let manifest = ForeignJSON.decodeAny(Manifest.self, bytes) else {
                // Packages have broken files of that name in their tests; what is installed is the folder right below node_modules.
                return isInstalled(path) ? .problem("it is not a package.json") : Materials()
            }
            guard let name = manifest.name?.value, let version = manifest.version?.value else { return Materials() }
            var materials = Materials()
            materials.add(Package(ecosystem: .npm, name: name, version: version, licenses: [manifest.license?.value].compactMap { $0 }))
            return materials
        })

    /// Versions 1 to 3.
    static let nodeLock = MaterialReader(
        name: "package-lock.json", largest: MaterialLimits.json,
        claims: { _, name in ["package-lock.json", ".package-lock.json", "npm-shrinkwrap.json"].contains(name) },
        read: { bytes, _ in
            guard let lock = ForeignJSON.decode(NodeLock.self, bytes), lock.isOne else { return .problem("it is not a lock file of npm") }
            return lock.materials
        })

    static let yarnLock = MaterialReader(
        name: "yarn.lock", claims: { _, name in name == "yarn.lock" }, read: { bytes, _ in YarnLock.read(bytes) })

    static let pnpmLock = MaterialReader(
        name: "pnpm-lock.yaml", claims: { _, name in name == "pnpm-lock.yaml" }, read: { bytes, _ in PnpmLock.read(bytes) })

    /// `…/node_modules/name/package.json` or `…/node_modules/@scope/name/package.json`.
    private static func isInstalled(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let last = parts.lastIndex(of: "node_modules") else { return false }
        let between = parts.count - last - 2
        return between == 1 || between == 2 && parts[last + 1].hasPrefix("@")
    }
}

private struct NodeLock: Decodable {
    struct Entry: Decodable {
        var name: String?
        var version: String?
        var link: Bool?
        var optional: Bool?
        var peer: Bool?

        /// What is optional or for others to bring may be missing.
        var isInstalled: Bool { optional != true && peer != true }
    }
    /// A tree of version 1; what is nested is read to a depth.
    struct Dependency: Decodable {
        var version: String?
        var dependencies: [String: Dependency]?
    }
    var lockfileVersion: Lenient<Int>?
    var packages: [String: Entry]?
    var dependencies: [String: Dependency]?

    /// The first ones had no version; none says nothing at all.
    var isOne: Bool { lockfileVersion?.value != nil || packages != nil || dependencies != nil }

    var materials: Materials {
        var materials = Materials()
        guard let packages else {
            add(dependencies ?? [:], to: &materials)
            return materials
        }
        for (path, entry) in packages.sorted(by: { $0.key < $1.key }) where !path.isEmpty && entry.link != true {
            // What lies elsewhere is of the project itself.
            guard let name = entry.name ?? Self.name(path) else { continue }
            guard let version = entry.version else {
                if entry.isInstalled, Self.name(path) != nil { materials.addProblem("a package has no version") }
                continue
            }
            materials.add(Package(ecosystem: .npm, name: name, version: version))
        }
        return materials
    }

    private static func name(_ path: String) -> String? {
        let parts = path.split(separator: "/")
        guard let last = parts.lastIndex(of: "node_modules"), last + 1 < parts.count else { return nil }
        return parts[(last + 1)...].joined(separator: "/")
    }

    private func add(_ dependencies: [String: Dependency], to materials: inout Materials) {
        var pending = [dependencies]
        while let next = pending.popLast() {
            for (name, dependency) in next.sorted(by: { $0.key < $1.key }) {
                // What comes from a folder or a repository has no version of the registry.
                if let version = dependency.version, !version.contains(":"), !version.contains("/") {
                    materials.add(Package(ecosystem: .npm, name: name, version: version))
                }
                if let nested = dependency.dependencies { pending.append(nested) }
            }
        }
    }
}
