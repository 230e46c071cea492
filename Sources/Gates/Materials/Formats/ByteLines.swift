/// The lines of a file, as bytes: files of others need not be UTF-8, and thousands of lines are split faster this way.
struct ByteLines: Sequence, IteratorProtocol {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var isAtEnd = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
        position = 0
    }

    /// Without its end; a carriage return before it is dropped too.
    mutating func next() -> ArraySlice<UInt8>? {
        guard !isAtEnd else { return nil }
        let rest = bytes[position...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            isAtEnd = true
            return rest.isEmpty ? nil : Self.withoutReturn(rest)
        }
        position = end + 1
        return Self.withoutReturn(rest[..<end])
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}

extension ArraySlice<UInt8> {
    var text: String { String(decoding: self, as: UTF8.self) }

    /// Without spaces and tabs at both ends.
    var trimmed: ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
        var slice = drop(while: isBlank)
        while let last = slice.last, isBlank(last) { slice = slice.dropLast() }
        return slice
    }

    /// What is before and behind the first such byte.
    func split(at separator: UInt8) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        guard let index = firstIndex(of: separator) else { return nil }
        return (self[..<index], self[(index + 1)...])
    }
}

/// Paragraphs of `Name: value` lines. Lines that begin with a blank go on with the value before, and are left out.
///
/// Source: deb-control(5); RFC 5322, as Python's core metadata and Java's manifests use it.
struct ControlParagraphs: Sequence, IteratorProtocol {
    private var lines: ByteLines
    private let wanted: Set<String>
    /// A wanted field that came twice in the last paragraph: readers disagree which of them counts.
    private(set) var repeated: String?

    /// - Parameter wanted: the fields to keep, in lower case.
    init(_ bytes: [UInt8], wanted: Set<String>) {
        lines = ByteLines(bytes)
        self.wanted = wanted
    }

    /// The wanted fields of the next paragraph, by names in lower case; of a field that comes twice the first.
    mutating func next() -> [String: String]? {
        var fields: [String: String] = [:]
        var isEmpty = true
        repeated = nil
        while let line = lines.next() {
            if line.trimmed.isEmpty {
                if isEmpty { continue }
                return fields
            }
            isEmpty = false
            guard line.first != 32, line.first != 9, let (name, value) = line.split(at: UInt8(ascii: ":")), name.count < 64 else { continue }
            let key = name.text.lowercased()
            guard wanted.contains(key) else { continue }
            if fields[key] == nil { fields[key] = value.trimmed.text } else { repeated = key }
        }
        return isEmpty ? nil : fields
    }
}
