/// Lines of a time and what belongs to it, under headings; text that is too wide for the terminal goes on below itself.
struct TimedRows {
    private enum Row {
        case heading(String)
        case line(time: String, text: String, colour: Colour?)
    }

    /// The column of times, as progress has it.
    private static let indent = 9 + 2
    /// In less than this a text is not wrapped: it would be a column of words.
    private static let narrowest = 20

    private var rows: [Row] = []

    mutating func head(_ text: String) { rows.append(.heading(text)) }
    mutating func add(_ time: String, _ text: String, _ colour: Colour? = nil) { rows.append(.line(time: time, text: text, colour: colour)) }
    /// What belongs to the line before.
    mutating func add(_ text: String, _ colour: Colour? = nil) { add("", text, colour) }

    func lines(_ style: TextStyle) -> [String] {
        rows.flatMap { row -> [String] in
            switch row {
            case .heading(let text): return Self.wrapped(text, to: style.width).map { style.paint($0, .bold) }
            case .line(let time, let text, let colour):
                let parts = Self.wrapped(text, to: style.width.map { $0 - Self.indent })
                return parts.enumerated().map { index, part in
                    let head = index == 0 ? style.paint(ProgressBoard.padded(time), .cyan) : ProgressBoard.padded("")
                    return "\(head)  \(colour.map { style.paint(part, $0) } ?? part)"
                }
            }
        }
    }

    /// A text in lines of at most that many characters, broken at spaces; a word that is longer is broken where it has to be.
    static func wrapped(_ text: String, to width: Int?) -> [String] {
        guard let width, width >= narrowest, text.count > width else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var rest = word
            if !line.isEmpty, line.count + 1 + rest.count > width {
                lines.append(line)
                line = ""
            }
            while rest.count > width {
                lines.append(String(rest.prefix(width)))
                rest = rest.dropFirst(width)
            }
            line += line.isEmpty ? String(rest) : " \(rest)"
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
