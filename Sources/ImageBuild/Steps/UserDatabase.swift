import ContainerRuntime
import IngotModel

/// The users and groups of an image, from its `/etc/passwd` and `/etc/group`.
///
/// Source: passwd(5), group(5). Lines that are malformed are skipped, as the C library does.
struct UserDatabase: Sendable {
    /// Files larger than this are refused.
    static let largestFile: ByteSize = .mebibytes(4)

    struct User: Hashable, Sendable {
        var name: String
        var id: UInt32
        var group: UInt32
        var home: String
    }

    struct Group: Hashable, Sendable {
        var name: String
        var id: UInt32
        var members: [String]
    }

    var users: [User] = []
    var groups: [Group] = []

    init(passwd: String, group: String) {
        users = Self.lines(passwd).compactMap { fields in
            guard fields.count >= 6, let id = UInt32(fields[2]), let group = UInt32(fields[3]) else { return nil }
            return User(name: fields[0], id: id, group: group, home: fields[5])
        }
        groups = Self.lines(group).compactMap { fields in
            guard fields.count >= 3, let id = UInt32(fields[2]) else { return nil }
            return Group(name: fields[0], id: id, members: fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : [])
        }
    }

    /// - Parameter tree: `nil` for an image without files.
    init(_ tree: MountedTree?) throws(BuildError) {
        func text(_ name: String) throws(BuildError) -> String {
            guard let tree else { return "" }
            let path = try tree.resolve(["etc", name]).parts
            return String(decoding: try tree.read(path, limit: Self.largestFile.bytes) ?? [], as: UTF8.self)
        }
        self.init(passwd: try text("passwd"), group: try text("group"))
    }

    private static func lines(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The owner that `--chown` names. A number alone is user and group; a name alone brings its own group.
    func owner(_ text: String) -> FileOwner? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, !first.isEmpty else { return nil }
        let group = parts.count == 2 ? parts[1] : ""
        guard let user = user(first) else { return nil }
        guard !group.isEmpty else { return FileOwner(user: user.id, group: user.isNumber ? user.id : user.group) }
        return self.group(group).map { FileOwner(user: user.id, group: $0) }
    }

    /// The process that `USER` names, with its other groups where no group is given. Root for `nil` and empty.
    func process(_ text: String?) -> (user: ContainerUser, home: String)? {
        let parts = (text ?? "").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first.flatMap { $0.isEmpty ? nil : $0 } ?? "0"
        guard let user = user(name) else { return nil }
        let group = parts.count == 2 && !parts[1].isEmpty ? self.group(parts[1]) : user.group
        guard let group else { return nil }
        let others = parts.count == 2 ? [] : groups.filter { $0.members.contains(user.name) && $0.id != group }.map(\.id)
        return (ContainerUser(uid: user.id, gid: group, additionalGids: others), user.home)
    }

    private func user(_ text: String) -> (id: UInt32, group: UInt32, name: String, home: String, isNumber: Bool)? {
        if let user = users.first(where: { $0.name == text }) { return (user.id, user.group, user.name, user.home, false) }
        // The highest number means "nobody has said" to the kernel.
        guard let id = UInt32(text), id != .max else { return nil }
        let known = users.first { $0.id == id }
        return (id, known?.group ?? 0, known?.name ?? "", known?.home ?? (id == 0 ? "/root" : "/"), true)
    }

    private func group(_ text: String) -> UInt32? {
        if let group = groups.first(where: { $0.name == text }) { return group.id }
        return UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }
}

/// Whose a file is, in numbers.
struct FileOwner: Hashable, Sendable {
    static let root = FileOwner(user: 0, group: 0)
    var user: UInt32
    var group: UInt32
}
