import Glibc
import IngotModel

/// What the machine knows of users and groups: its own files, or a directory behind them (nsswitch.conf(5)).
enum UserDatabase {
    /// Bytes of an entry. That of a group names all its members, which may be thousands.
    static let entryLengths = [1 << 12, 1 << 16, 1 << 20, 1 << 24]
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
        search { buffer, length in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwnam_r(name, &entry, buffer, length, &found)
            return (code, found?.pointee.pw_uid)
        }
    }

    private static func entry(ofUser user: uid_t) -> (name: String, group: gid_t)? {
        search { buffer, length in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwuid_r(user, &entry, buffer, length, &found)
            guard let known = found?.pointee, let name = known.pw_name else { return (code, nil) }
            return (code, (String(cString: name), known.pw_gid))
        }
    }

    private static func groups(ofUser user: uid_t) -> [String] {
        guard let entry = entry(ofUser: user) else { return [] }
        var groups = [gid_t](repeating: 0, count: mostGroups)
        var count = CInt(mostGroups)
        _ = getgrouplist(entry.name, entry.group, &groups, &count)
        return groups.prefix(min(Int(count), mostGroups)).compactMap(name(ofGroup:)).filter(AccessSubject.isName)
    }

    private static func name(ofGroup group: gid_t) -> String? {
        search { buffer, length in
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            let code = getgrgid_r(group, &entry, buffer, length, &found)
            return (code, (found?.pointee.gr_name).map { String(cString: $0) })
        }
    }

    /// Asks with a longer buffer as long as the answer is that the entry does not fit (`ERANGE`, getgrgid_r(3)).
    static func search<Entry>(_ ask: (UnsafeMutablePointer<CChar>, _ length: Int) -> (code: CInt, entry: Entry?)) -> Entry? {
        for length in entryLengths {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: length)
            defer { buffer.deallocate() }
            let answer = ask(buffer, length)
            if answer.code != ERANGE { return answer.code == 0 ? answer.entry : nil }
        }
        return nil
    }
}
