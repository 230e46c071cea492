import CLinux
import Glibc

/// The extended attributes of a file that belong into an image: capabilities, access lists, `user.*`.
enum ImageAttributes {
    /// The longest list of names, and the longest value, that are read. Source: xattr(7), the kernel's own limits.
    private static let longest = 65_536
    private static let kept: Set = ["security.capability", "system.posix_acl_access", "system.posix_acl_default"]

    /// Those of an open file; of one opened with `O_PATH` too. None where the file system has none.
    static func read(_ descriptor: CInt) -> [String: [UInt8]] {
        let path = "/proc/self/fd/\(descriptor)"
        var names = [CChar](repeating: 0, count: longest)
        let count = listxattr(path, &names, names.count)
        guard count > 0 else { return [:] }
        var attributes: [String: [UInt8]] = [:]
        for part in names[..<count].split(separator: 0) {
            let name = String(decoding: part.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard belongs(name), let value = value(name, path) else { continue }
            attributes[name] = value
        }
        return attributes
    }

    private static func belongs(_ name: String) -> Bool {
        kept.contains(name) || (name.hasPrefix("user.") && !name.hasPrefix("user.overlay."))
    }

    private static func value(_ name: String, _ path: String) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: longest)
        let count = getxattr(path, name, &value, value.count)
        return count >= 0 ? Array(value[..<count]) : nil
    }
}
