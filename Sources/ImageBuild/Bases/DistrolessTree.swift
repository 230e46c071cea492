import ImageStore

/// Takes the package manager, the shell and all that only they need out of a base image.
///
/// What dpkg knew of the packages that stay is kept in `var/lib/dpkg/status.d`, one file for each, where scanners look
/// for it. Source: github.com/GoogleContainerTools/distroless, "Package metadata".
struct DistrolessTree {
    private static let listLimit = 16 << 20
    /// Folders of the package manager itself, which no package's list of files names in full.
    private static let managerFolders = [
        "etc/apt/", "etc/dpkg/", "etc/alternatives/README", "usr/lib/apt/", "usr/lib/dpkg/", "usr/share/debconf/", "var/cache/apt/",
        "var/cache/debconf/", "var/lib/apt/", "var/lib/dpkg/", "var/lib/pam/", "var/log/apt/",
    ]

    private var tree: FileTree
    private let packages: [InstalledPackage]
    private let kept: [InstalledPackage]
    private let date: FileTime

    /// - Returns: the packages that stay.
    static func strip(_ tree: inout FileTree, requested: [String], keepsShell: Bool, date: FileTime) throws -> [InstalledPackage] {
        let packages = try InstalledPackage.parse(status: text("var/lib/dpkg/status", of: tree) ?? "")
        let kept = PackageClosure.kept(of: packages, requested: requested, keepsShell: keepsShell)
        var distroless = DistrolessTree(tree: tree, packages: packages, kept: kept, date: date)
        try distroless.run()
        tree = distroless.tree
        return kept
    }

    private mutating func run() throws {
        let records = try kept.map {
            ($0, try text("var/lib/dpkg/info/\($0.name).md5sums", or: "var/lib/dpkg/info/\($0.name):\($0.architecture).md5sums"))
        }
        var keptPaths: Set<String> = []
        for package in kept { keptPaths.formUnion(try paths(of: package)) }
        var removed: Set<String> = []
        let keptNames = Set(kept.map(\.name))
        for package in packages where !keptNames.contains(package.name) { removed.formUnion(try paths(of: package)) }
        removed.subtract(keptPaths)
        removeFiles(removed, keptPaths)
        removeFolders(removed)
        for (package, sums) in records {
            try write(package.stanza, to: "var/lib/dpkg/status.d/\(package.name)")
            if let sums { try write(sums, to: "var/lib/dpkg/status.d/\(package.name).md5sums") }
        }
    }

    // MARK: What belongs to a package

    private func paths(of package: InstalledPackage) throws -> [String] {
        let list = try text("var/lib/dpkg/info/\(package.name).list", or: "var/lib/dpkg/info/\(package.name):\(package.architecture).list") ?? ""
        return list.split(separator: "\n").map { canonical($0) }
    }

    /// Lists say `/bin/cat` also where `/bin` is a link to `usr/bin`.
    private func canonical(_ path: Substring) -> String {
        let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let top = try? TreePath(parts[0]), case .symbolicLink(let target)? = tree.node(at: top)?.kind else {
            return parts.joined(separator: "/")
        }
        return "\(String(decoding: target, as: UTF8.self).split(separator: "/").joined(separator: "/"))/\(parts[1])"
    }

    private func text(_ path: String, or other: String) throws -> String? {
        if let text = try Self.text(path, of: tree) { return text }
        return try Self.text(other, of: tree)
    }

    private static func text(_ path: String, of tree: FileTree) throws -> String? {
        guard let content = try tree.node(at: TreePath(path))?.content else { return nil }
        return String(decoding: try content.bytes(limit: listLimit), as: UTF8.self)
    }

    // MARK: Taking away

    private mutating func removeFiles(_ removed: Set<String>, _ keptPaths: Set<String>) {
        var gone = removed
        for entry in tree.entries() where !entry.node.isFolder {
            let path = Self.text(entry.path)
            let isManagers = Self.managerFolders.contains { path.hasPrefix($0) }
            guard removed.contains(path) || (isManagers && !keptPaths.contains(path)) else { continue }
            tree.remove(entry.path)
            gone.insert(path)
        }
        removeLinks(into: &gone, keptPaths)
    }

    /// Alternatives and the like: links that led to what is gone, and links to those.
    private mutating func removeLinks(into gone: inout Set<String>, _ keptPaths: Set<String>) {
        let links = tree.entries().compactMap { entry -> (TreePath, String, String)? in
            guard case .symbolicLink(let target) = entry.node.kind else { return nil }
            let path = Self.text(entry.path)
            return keptPaths.contains(path)
                ? nil : (entry.path, path, canonical(Self.resolved(String(decoding: target, as: UTF8.self), from: path)[...]))
        }
        var found = true
        while found {
            found = false
            for (path, name, target) in links where !gone.contains(name) && gone.contains(target) {
                tree.remove(path)
                gone.insert(name)
                found = true
            }
        }
    }

    private mutating func removeFolders(_ removed: Set<String>) {
        for entry in tree.entries().reversed() where entry.node.isFolder && !entry.path.isRoot {
            let path = Self.text(entry.path)
            let isGone = removed.contains(path) || Self.managerFolders.contains { "\(path)/".hasPrefix($0) }
            guard isGone, tree.children(of: entry.id).isEmpty else { continue }
            tree.remove(entry.path)
        }
    }

    /// Where a link leads, by its words only.
    static func resolved(_ target: String, from path: String) -> String {
        var parts = target.hasPrefix("/") ? [] : path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    private mutating func write(_ text: String, to path: String) throws {
        let metadata = FileMetadata(mode: 0o644, modified: date)
        try tree.insert(.regular(FileContent(text: text), metadata), at: TreePath(path), parents: FileMetadata(mode: 0o755, modified: date))
    }

    private static func text(_ path: TreePath) -> String { String(decoding: path.bytes, as: UTF8.self) }
}
