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
            guard let manifest = ForeignJSON.decode(Manifest.self, bytes) else {
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
        name: "package-lock.json", claims: { _, name in ["package-lock.json", ".package-lock.json", "npm-shrinkwrap.json"].contains(name) },
        read: { bytes, _ in
            guard let lock = ForeignJSON.decode(NodeLock.self, bytes) else { return .problem("it is not a lock file of npm") }
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
    }
    /// A tree of version 1; what is nested is read to a depth.
    struct Dependency: Decodable {
        var version: String?
        var dependencies: [String: Dependency]?
    }
    var packages: [String: Entry]?
    var dependencies: [String: Dependency]?

    var materials: Materials {
        var materials = Materials()
        guard let packages else {
            add(dependencies ?? [:], to: &materials)
            return materials
        }
        for (path, entry) in packages.sorted(by: { $0.key < $1.key }) where !path.isEmpty && entry.link != true {
            guard let version = entry.version, let name = entry.name ?? Self.name(path) else { continue }
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

/// Both the first form and the later one, which is YAML.
private enum YarnLock {
    static func read(_ bytes: [UInt8]) -> Materials {
        var materials = Materials()
        var name: String?
        for line in ByteLines(bytes) {
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            if first != 32 {
                name = packageName(line.text)
            } else if let known = name, let version = version(line.trimmed.text) {
                materials.add(Package(ecosystem: .npm, name: known, version: version))
                name = nil
            }
        }
        return materials
    }

    /// Of `"@a/b@^1.0", "@a/b@npm:^1.1":` the name; `nil` for what is no package of the registry.
    private static func packageName(_ line: String) -> String? {
        let text = line.drop { $0 == "\"" }
        guard let at = text.dropFirst().firstIndex(of: "@") else { return nil }
        let range = text[text.index(after: at)...]
        guard !range.hasPrefix("workspace:"), !range.hasPrefix("link:"), !range.hasPrefix("file:") else { return nil }
        // An alias: `alias@npm:real@1.0` is the real one.
        if range.hasPrefix("npm:"), let inner = range.dropFirst(4).dropFirst().firstIndex(of: "@") { return String(range.dropFirst(4)[..<inner]) }
        return String(text[..<at])
    }

    private static func version(_ line: String) -> String? {
        guard line.hasPrefix("version") else { return nil }
        return String(line.dropFirst("version".count).drop { ": \"".contains($0) }.prefix { $0 != "\"" && $0 != " " })
    }
}

/// Keys below `packages:`: `/name/1.0.0`, `/name@1.0.0`, `name@1.0.0(peer@2)`.
private enum PnpmLock {
    static func read(_ bytes: [UInt8]) -> Materials {
        var materials = Materials()
        var isInside = false
        for line in ByteLines(bytes) {
            guard let first = line.first else { continue }
            if first != 32 {
                isInside = line.elementsEqual("packages:".utf8)
            } else if isInside, line.count > 3, line[line.startIndex + 1] == 32, line[line.startIndex + 2] != 32, line.last == UInt8(ascii: ":") {
                guard let (name, version) = parts(line.dropLast().trimmed.text) else { continue }
                materials.add(Package(ecosystem: .npm, name: name, version: version))
            }
        }
        return materials
    }

    private static func parts(_ key: String) -> (String, String)? {
        let text = key.filter { $0 != "'" && $0 != "\"" }.drop { $0 == "/" }.prefix { $0 != "(" }
        let at = text.dropFirst().lastIndex(of: "@")
        guard let separator = at ?? text.lastIndex(of: "/") else { return nil }
        let version = text[text.index(after: separator)...].prefix { $0 != "_" }
        guard version.first?.isNumber == true else { return nil }
        return (String(text[..<separator]), String(version))
    }
}
