import Glibc
import IngotModel

/// What the machine knows of users and groups: its own files, or a directory behind them (nsswitch.conf(5)).
enum UserDatabase {
    private static let longestEntry = 65_536
    /// Groups of one user beyond these are not looked at.
    private static let mostGroups = 1_024

    /// The name of a user, or the number when the machine knows no name for it, or one that could be read as something else.
    static func name(ofUser user: uid_t) -> String {
        let name = entry(ofUser: user)?.name
        return name.flatMap { AccessSubject.isName($0) ? $0 : nil } ?? "\(user)"
    }

    /// A user and all groups that it belongs to by the database, whatever group its process has at the moment.
    static func subjects(ofUser user: uid_t) -> [AccessSubject] {
        [.user(name(ofUser: user))] + groups(ofUser: user).map(AccessSubject.group)
    }

    /// Those of a person who may have no account on this machine.
    static func subjects(ofPerson person: AccessSubject) -> [AccessSubject] {
        guard case .user(let name) = person, let user = number(ofUser: name) else { return [person] }
        return [person] + groups(ofUser: user).map(AccessSubject.group)
    }

    static func number(ofUser name: String) -> uid_t? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: longestEntry)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    private static func entry(ofUser user: uid_t) -> (name: String, group: gid_t)? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: longestEntry)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else { return nil }
        return (String(cString: name), entry.pw_gid)
    }

    private static func groups(ofUser user: uid_t) -> [String] {
        guard let entry = entry(ofUser: user) else { return [] }
        var groups = [gid_t](repeating: 0, count: mostGroups)
        var count = CInt(mostGroups)
        _ = getgrouplist(entry.name, entry.group, &groups, &count)
        return groups.prefix(min(Int(count), mostGroups)).compactMap(name(ofGroup:)).filter(AccessSubject.isName)
    }

    private static func name(ofGroup group: gid_t) -> String? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: longestEntry)
        guard getgrgid_r(group, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.gr_name else { return nil }
        return String(cString: name)
    }
}
