internal import Glibc
internal import SystemPackage

/// One line of `/proc/self/mountinfo`. Source: proc(5).
struct MountEntry: Hashable, Sendable {
    var mountPoint: String
    var kind: String
    var source: String

    /// Reads all lines. What is not understood is left out.
    static func parse(_ text: String) -> [MountEntry] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard let separator = fields.firstIndex(of: "-"), fields.count > separator + 2, separator > 4 else { return nil }
            return MountEntry(
                mountPoint: unescape(fields[4]), kind: String(fields[separator + 1]), source: unescape(fields[separator + 2]))
        }
    }

    /// The kernel writes space, tab, newline and backslash as three octal digits.
    static func unescape(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func current() throws -> [MountEntry] {
        let file = try OpenFile("/proc/self/mountinfo", O_RDONLY)
        let chunk = ChunkBuffer()
        var bytes: [UInt8] = []
        // A file of the kernel is read in sequence and its length is not known before.
        while true {
            let count = read(file.descriptor, chunk.bytes.baseAddress, chunk.bytes.count)
            guard count >= 0 else { throw StoreError.system("read", file.path, .last) }
            guard count > 0 else { return parse(String(decoding: bytes, as: UTF8.self)) }
            bytes += chunk.bytes[..<count]
        }
    }
}
