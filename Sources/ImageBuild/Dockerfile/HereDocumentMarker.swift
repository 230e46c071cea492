import IngotModel

/// `<<NAME` in an instruction that may carry one: the lines up to one that says NAME are a document.
///
/// Source: Dockerfile reference, "Here-Documents"; as in BuildKit it is a word of its own: digits, `<<`, perhaps `-`,
/// and a name that may be quoted, which keeps variables in the document from being filled in.
struct HereDocumentMarker: Hashable, Sendable {
    var name: String
    var stripsTabs: Bool
    var expands: Bool
    var location: SourceLocation

    init?(_ word: Word) {
        var rest = word.raw.drop { $0.isASCII && $0.isNumber }
        guard rest.hasPrefix("<<") else { return nil }
        rest = rest.dropFirst(2)
        stripsTabs = rest.first == "-"
        if stripsTabs { rest.removeFirst() }
        guard !rest.isEmpty, !rest.contains("<"), let (name, isQuoted) = Self.unquote(rest), !name.isEmpty else { return nil }
        self.name = name
        expands = !isQuoted
        location = word.location
    }

    func ends(at line: Substring) -> Bool { (stripsTabs ? line.drop { $0 == "\t" } : line) == name }

    /// Without its quotes and escape characters; `nil` when a quote is not closed.
    private static func unquote(_ text: Substring) -> (name: String, isQuoted: Bool)? {
        var name = ""
        var quote: Character?
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                name.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character.isWhitespace {
                // A second word: the marker does not stand alone.
                return nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
                isQuoted = true
            } else {
                name.append(character)
            }
        }
        return quote == nil ? (name, isQuoted) : nil
    }
}
