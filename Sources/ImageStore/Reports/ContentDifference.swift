internal import Glibc

/// Where the contents of two files part.
public struct ContentDifference: Hashable, Sendable, Codable {
    /// In bytes.
    public var firstSize: Int
    public var secondSize: Int
    /// The first byte that differs, from 0; the length of the shorter one when it is the beginning of the other.
    public var offset: Int
    /// For text: the line of that byte, from 1, and what stands in it in both, cut where it is long.
    public var line: Int?
    public var firstLine: String?
    public var secondLine: String?

    /// `nil` when the contents are the same.
    init?(_ first: FileContent, _ second: FileContent) throws {
        if first.size == second.size, first.isSamePlace(as: second) { return nil }
        let one = try ContentReader(first)
        let other = try ContentReader(second)
        guard let offset = try Self.offset(one, other) else { return nil }
        firstSize = first.size
        secondSize = second.size
        self.offset = offset
        guard try Self.isText(one), try Self.isText(other) else { return }
        line = try Self.line(of: offset, in: one)
        firstLine = try Self.text(around: offset, in: one)
        secondLine = try Self.text(around: offset, in: other)
    }

    private static func offset(_ one: ContentReader, _ other: ContentReader) throws -> Int? {
        let first = ChunkBuffer()
        let second = ChunkBuffer()
        var position = 0
        while true {
            let count = min(try one.read(into: first.bytes, at: position), try other.read(into: second.bytes, at: position))
            guard count > 0 else { return one.size == other.size ? nil : position }
            if let start = first.bytes.baseAddress, let end = second.bytes.baseAddress, memcmp(start, end, count) != 0 {
                return position + (zip(first.bytes, second.bytes).prefix(count).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0)
            }
            position += count
        }
    }

    /// As git and grep decide it: no NUL near the beginning.
    private static func isText(_ reader: ContentReader) throws -> Bool { try !reader.bytes(0..<8000).contains(0) }

    private static func line(of offset: Int, in reader: ContentReader) throws -> Int {
        var line = 1
        var position = 0
        while position < offset {
            let bytes = try reader.bytes(position..<min(offset, position + chunkLength))
            guard !bytes.isEmpty else { break }
            for byte in bytes where byte == UInt8(ascii: "\n") { line += 1 }
            position += bytes.count
        }
        return line
    }

    private static let longestText = 120

    private static func text(around offset: Int, in reader: ContentReader) throws -> String {
        let newline = UInt8(ascii: "\n")
        let before = try reader.bytes(max(0, offset - longestText)..<offset)
        let after = try reader.bytes(offset..<(offset + longestText))
        let start = before.lastIndex(of: newline).map { before[($0 + 1)...] } ?? before[...]
        let line = start + after.prefix { $0 != newline }
        return String(decoding: line.prefix(longestText), as: UTF8.self)
    }
}
