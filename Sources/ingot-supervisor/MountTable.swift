/// Reading `/proc/self/mountinfo` (proc(5)).
enum MountTable {
    /// File systems that come and go with images, builds and network namespaces.
    static let releasableTypes: Set<Substring> = ["erofs", "overlay", "nsfs"]

    /// The mount points of such types, in the order of mounting, but for those that hold a needed path.
    static func releasable(mountinfo: String, needing paths: [String]) -> [String] {
        mountinfo.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 6, let separator = fields[6...].firstIndex(of: "-"), separator + 1 < fields.count,
                releasableTypes.contains(fields[separator + 1])
            else { return nil }
            let mountPoint = unescaped(fields[4])
            let holdsNeeded = paths.contains { $0 == mountPoint || $0.hasPrefix(mountPoint == "/" ? "/" : mountPoint + "/") }
            return holdsNeeded ? nil : mountPoint
        }
    }

    /// Space, tab, newline and backslash are written as three octal digits.
    static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }) {
                bytes.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 * 8 + Int($1 - 48) }))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
