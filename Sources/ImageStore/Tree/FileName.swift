internal import Glibc

/// The name of a file in its folder: 1 to 255 bytes, without `/` and NUL, and neither `.` nor `..`.
///
/// Bytes, not text: Linux has names that are no UTF-8, and two names that differ in bytes are two files
/// even where Unicode holds them to be the same text.
public struct FileName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let longest = 255

    public let bytes: [UInt8]

    /// `nil` when the bytes are no name.
    public init?(bytes: some Collection<UInt8>) {
        guard (1...Self.longest).contains(bytes.count), !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else { return nil }
        let dot = UInt8(ascii: ".")
        guard !bytes.elementsEqual([dot]), !bytes.elementsEqual([dot, dot]) else { return nil }
        self.bytes = Array(bytes)
    }

    public init?(_ text: String) { self.init(bytes: Array(text.utf8)) }

    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// In the order of bytes, which no locale changes.
    public static func < (left: FileName, right: FileName) -> Bool {
        left.bytes.withUnsafeBytes { first in
            right.bytes.withUnsafeBytes { second in
                guard let one = first.baseAddress, let other = second.baseAddress else { return first.count < second.count }
                let order = memcmp(one, other, min(first.count, second.count))
                return order == 0 ? first.count < second.count : order < 0
            }
        }
    }

    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
