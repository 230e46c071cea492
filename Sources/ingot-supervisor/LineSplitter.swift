/// Cuts a stream of bytes into lines. A line longer than the limit is cut too, between characters.
struct LineSplitter {
    let longestLine: Int
    private var rest: [UInt8] = []

    init(longestLine: Int) { self.longestLine = longestLine }

    /// Takes more bytes and gives the lines that they complete, without their ends.
    mutating func append(_ bytes: ArraySlice<UInt8>, _ line: (ArraySlice<UInt8>) -> Void) {
        var bytes = bytes
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            complete(with: bytes[..<end], line)
            bytes = bytes[(end + 1)...]
        }
        rest += bytes
        cutRest(line)
    }

    /// Gives what came after the last line's end.
    mutating func finish(_ line: (ArraySlice<UInt8>) -> Void) {
        if !rest.isEmpty { line(rest[...]) }
        rest.removeAll()
    }

    private mutating func complete(with bytes: ArraySlice<UInt8>, _ line: (ArraySlice<UInt8>) -> Void) {
        // Nearly every line arrives whole, and need not be copied then.
        if rest.isEmpty, bytes.count <= longestLine { return line(bytes) }
        rest += bytes
        cutRest(line)
        if !rest.isEmpty { line(rest[...]) }
        rest.removeAll(keepingCapacity: true)
    }

    private mutating func cutRest(_ line: (ArraySlice<UInt8>) -> Void) {
        var start = 0
        while rest.count - start > longestLine {
            let end = Self.characterBoundary(rest, atMost: start + longestLine, after: start)
            line(rest[start..<end])
            start = end
        }
        rest.removeFirst(start)
    }

    /// The last place up to `end` at which no UTF-8 sequence is cut; `end` itself if the bytes are not UTF-8.
    private static func characterBoundary(_ bytes: [UInt8], atMost end: Int, after start: Int) -> Int {
        for candidate in stride(from: end, to: max(start, end - 4), by: -1) where bytes[candidate] & 0xc0 != 0x80 { return candidate }
        return end
    }
}
