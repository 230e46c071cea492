import ImageStore
import IngotModel

/// What becomes of the tree that mmdebstrap made.
enum BaseTree {
    /// Package lists, caches and logs, the noise of every layer, and what mmdebstrap took over from this machine.
    static func clean(_ tree: inout FileTree) throws {
        try LayerNoise.remove(from: &tree)
        for entry in tree.entries() where !entry.node.isFolder {
            let path = String(decoding: entry.path.bytes, as: UTF8.self)
            if path.hasPrefix("var/lib/apt/lists/") || path.hasPrefix("var/cache/apt/") || hostFiles.contains(path) { tree.remove(entry.path) }
        }
    }

    /// They are mounted into every container.
    private static let hostFiles: Set = ["etc/resolv.conf", "etc/hostname"]

    /// The packages in it, by name; those that share a name for another architecture as `name:architecture`.
    static func versions(of packages: [InstalledPackage]) -> [String: String] {
        var versions: [String: String] = [:]
        for package in packages {
            versions[versions[package.name] == nil ? package.name : "\(package.name):\(package.architecture)"] = package.version
        }
        return versions
    }

    static func text(_ path: String, of tree: FileTree, limit: Int = 16 << 20) throws -> String? {
        guard let content = try tree.node(at: TreePath(path))?.content else { return nil }
        return String(decoding: try content.bytes(limit: limit), as: UTF8.self)
    }

    // MARK: What is added

    /// Users first: files may belong to them.
    static func add(_ users: [BaseUser], _ files: [BaseFile], to tree: inout FileTree, date: Timestamp) throws {
        let time = FileTime(seconds: Int64(date.secondsSince1970))
        for user in users { try add(user, to: &tree, time) }
        guard !files.isEmpty else { return }
        let accounts = UserDatabase(passwd: try text("etc/passwd", of: tree) ?? "", group: try text("etc/group", of: tree) ?? "")
        for file in files { try add(file, accounts, to: &tree, time) }
    }

    private static func add(_ user: BaseUser, to tree: inout FileTree, _ time: FileTime) throws {
        let accounts = UserDatabase(passwd: try text("etc/passwd", of: tree) ?? "", group: try text("etc/group", of: tree) ?? "")
        guard !accounts.users.contains(where: { $0.name == user.name || $0.id == user.id }) else {
            throw BuildError(
                "invalid-base", "the packages bring a user '\(user.name)' or one with the number \(user.id) already",
                remedy: "leave it out of 'users', or give it another name and number")
        }
        let group = user.group ?? user.id
        if !accounts.groups.contains(where: { $0.id == group }) { try append("\(user.name):x:\(group):", to: "etc/group", of: &tree, time) }
        try append("\(user.name):x:\(user.id):\(group)::\(user.home):\(user.shell)", to: "etc/passwd", of: &tree, time)
        // No password: nobody logs in, and tools that read this file find the user in it.
        if try text("etc/shadow", of: tree) != nil { try append("\(user.name):!:::::::", to: "etc/shadow", of: &tree, time) }
        try addHome(of: user, group, to: &tree, time)
    }

    private static func addHome(of user: BaseUser, _ group: UInt32, to tree: inout FileTree, _ time: FileTime) throws {
        guard user.home != "/nonexistent" else { return }
        let home = try TreePath.inImage(user.home.utf8)
        guard tree.node(at: home) == nil else { return }
        let metadata = FileMetadata(mode: 0o755, userID: user.id, groupID: group, modified: time)
        try tree.insert(.folder(metadata), at: home, parents: FileMetadata(mode: 0o755, modified: time))
    }

    private static func append(_ line: String, to path: String, of tree: inout FileTree, _ time: FileTime) throws {
        let place = try TreePath(path)
        var metadata = tree.node(at: place)?.metadata ?? FileMetadata(mode: path == "etc/shadow" ? 0o640 : 0o644)
        metadata.modified = time
        let before = try text(path, of: tree) ?? ""
        let gap = before.isEmpty || before.hasSuffix("\n") ? "" : "\n"
        try tree.insert(
            .regular(FileContent(text: "\(before)\(gap)\(line)\n"), metadata), at: place, parents: FileMetadata(mode: 0o755, modified: time))
    }

    private static func add(_ file: BaseFile, _ accounts: UserDatabase, to tree: inout FileTree, _ time: FileTime) throws {
        guard let owner = file.owner.map(accounts.owner) ?? .root else {
            throw BuildError(
                "owner-missing", "the image has no user or group for '\(file.owner ?? "")', the owner of \(file.path)",
                remedy: "add it to 'users', or give numbers")
        }
        let metadata = FileMetadata(mode: file.mode, userID: owner.user, groupID: owner.group, modified: time)
        try tree.insert(
            .regular(FileContent(text: file.content), metadata), at: TreePath.inImage(file.path.utf8),
            parents: FileMetadata(mode: 0o755, modified: time))
    }
}
