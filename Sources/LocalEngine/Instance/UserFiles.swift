import ContainerRuntime
import Engine
import IngotModel

/// An image's `/etc/passwd` and `/etc/group`, as far as they say who an instance runs as.
///
/// Source: passwd(5), group(5). Lines that are not of that form are passed over, as the C library does.
struct UserFiles: Hashable, Sendable {
    private struct User: Hashable { var name: String, uid: UInt32, gid: UInt32 }
    private struct Group: Hashable { var name: String, gid: UInt32, members: [String] }
    private var users: [User]
    private var groups: [Group]

    init(passwd: String, group: String) {
        users = Self.records(passwd, fields: 7).compactMap { fields in
            guard let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return nil }
            return User(name: fields[0], uid: uid, gid: gid)
        }
        groups = Self.records(group, fields: 4).compactMap { fields in
            guard let gid = UInt32(fields[2]) else { return nil }
            return Group(name: fields[0], gid: gid, members: fields[3].split(separator: ",").map(String.init))
        }
    }

    /// Who `text`, an image's `User`, is: `user`, `uid`, `user:group`, `uid:gid` or a mixture; root when it is empty.
    ///
    /// Without a group it is the user's own, and 0 for a number that is not in the file; the groups of which the user is a
    /// member are additional only then. Source: OCI Image Specification 1.1, `config.md`, "User"; Docker does the same.
    func resolve(_ text: String, image: Digest) throws(EngineError) -> ContainerUser {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        let user = users.first { $0.name == name } ?? users.first { "\($0.uid)" == name }
        guard let uid = user?.uid ?? (name.isEmpty ? 0 : UInt32(name)) else {
            throw .userUnknown(name, in: image, file: "/etc/passwd")
        }
        if parts.count == 2, !parts[1].isEmpty { return ContainerUser(uid: uid, gid: try group(parts[1], image: image)) }
        let additional = user.map { user in groups.filter { $0.members.contains(user.name) && $0.gid != user.gid }.map(\.gid) }
        return ContainerUser(uid: uid, gid: user?.gid ?? 0, additionalGids: Array(Set(additional ?? [])).sorted())
    }

    private func group(_ text: String, image: Digest) throws(EngineError) -> UInt32 {
        guard let gid = groups.first(where: { $0.name == text })?.gid ?? UInt32(text) else {
            throw .userUnknown(text, in: image, file: "/etc/group")
        }
        return gid
    }

    private static func records(_ text: String, fields count: Int) -> [[String]] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            return fields.count >= count && !fields[0].isEmpty ? fields : nil
        }
    }
}
