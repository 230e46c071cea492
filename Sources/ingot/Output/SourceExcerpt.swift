import IngotModel

/// The line of a file that a diagnostic is about, with a caret under its place and the lines around it.
struct SourceExcerpt {
    var source: String
    var location: SourceLocation
    /// Lines before and behind. With none, the line stands alone and has no number.
    var around: Int

    private static let longestLine = 200

    func lines(_ style: TextStyle, _ colour: Colour) -> [String] {
        let lines = source.split(omittingEmptySubsequences: false) { $0.isNewline }
        let index = location.line - 1
        guard lines.indices.contains(index) else { return [] }
        let shown = max(0, index - around)...min(last(lines), max(index, index + around))
        return shown.flatMap { number in
            let isPlace = number == index
            return ["\(gutter(number, isPlace, shown.upperBound, style, colour))\(Self.cut(lines[number]))"]
                + (isPlace ? caret(under: lines[index], shown.upperBound, style, colour) : [])
        }
    }

    /// The end of the last line is no line of its own.
    private func last(_ lines: [Substring]) -> Int {
        lines.count > 1 && lines.last?.isEmpty == true ? max(lines.count - 2, location.line - 1) : lines.count - 1
    }

    /// `>  3 | ` at the place, `   4 | ` beside it.
    private func gutter(_ number: Int, _ isPlace: Bool, _ last: Int, _ style: TextStyle, _ colour: Colour) -> String {
        guard around > 0 else { return "  " }
        let mark = isPlace ? style.paint(">", colour) : " "
        return "\(mark) \(Self.padded("\(number + 1)", to: "\(last + 1)".count)) | "
    }

    private func caret(under line: Substring, _ last: Int, _ style: TextStyle, _ colour: Colour) -> [String] {
        // A tab before the caret stays one, so that the caret stands where the terminal puts the character.
        let indent = line.prefix(max(0, location.column - 1)).map { $0 == "\t" ? "\t" : " " }.joined()
        guard indent.count <= Self.longestLine else { return [] }
        let gutter = around > 0 ? "  \(Self.padded("", to: "\(last + 1)".count)) | " : "  "
        return ["\(gutter)\(indent)\(style.paint("^", colour))"]
    }

    private static func cut(_ line: Substring) -> String { line.count > longestLine ? "\(line.prefix(longestLine))…" : String(line) }

    private static func padded(_ text: String, to width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
}
