import Foundation

@testable import Gates

/// Zip archives and compressed data that are made when the tests run.
enum ArchiveSample {
    struct Entry {
        var name: String
        /// As it lies in the archive.
        var content: [UInt8]
        var method = 0
        var size: Int?
    }

    static func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    /// - Parameter copies: how often the directory names each entry, at one and the same place.
    static func zip(_ entries: [Entry], copies: Int = 1, prefix: [UInt8] = [], comment: [UInt8] = []) -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let sizes = little(entry.content.count, 4) + little(entry.size ?? entry.content.count, 4)
            let kind = little(20, 2) + little(0, 2) + little(entry.method, 2) + little(0, 8)
            let shared = kind + sizes + little(entry.name.utf8.count, 2) + little(0, 2)
            let central = little(0x0201_4b50, 4) + little(20, 2) + shared + little(0, 10) + little(body.count, 4) + Array(entry.name.utf8)
            for _ in 0..<copies { directory += central }
            body += little(0x0403_4b50, 4) + shared + Array(entry.name.utf8) + entry.content
        }
        let count = little(entries.count * copies, 2)
        let end = little(0x0605_4b50, 4) + little(0, 4) + count + count + little(directory.count, 4) + little(body.count, 4)
        return prefix + body + directory + end + little(comment.count, 2) + comment
    }

    /// Zeros, compressed a thousand times and more. Source: RFC 1951, 3.2.6: a literal zero, then lengths of 258 at distance 1.
    static func bomb(megabytes: Int) -> [UInt8] {
        var bits = BitString()
        bits.append(0b1, 1)
        bits.append(0b01, 2)
        bits.appendCode(0b0011_0000, 8)
        for _ in 0..<(megabytes << 20) / 258 {
            bits.appendCode(0b1100_0101, 8)
            bits.appendCode(0, 5)
        }
        bits.appendCode(0, 7)
        return bits.bytes
    }

    private struct BitString {
        private(set) var bytes: [UInt8] = []
        private var used = 8

        mutating func append(_ value: Int, _ count: Int) { for index in 0..<count { append(value >> index & 1) } }
        /// Codes stand with their highest bit first.
        mutating func appendCode(_ value: Int, _ count: Int) { for index in (0..<count).reversed() { append(value >> index & 1) } }

        private mutating func append(_ bit: Int) {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            bytes[bytes.count - 1] |= UInt8(bit << used)
            used += 1
        }
    }
}
