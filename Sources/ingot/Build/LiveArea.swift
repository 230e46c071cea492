/// The rows at the bottom of a terminal that are drawn again and again: the bytes that turn one drawing into the next.
///
/// Each row is overwritten in place and then cleared to its end, so that nothing flickers; rows that are no more are
/// cleared. Source: ECMA-48, sections 8.3.22 (cursor up), 8.3.41 (erase in line), 8.3.39 (erase in page).
struct LiveArea {
    /// The columns of each row as it was drawn.
    private var drawn: [Int] = []

    /// - Parameter width: of the terminal now. It breaks rows that were drawn when it was wider into several.
    mutating func redraw(_ lines: [String], width: Int) -> String {
        let up = Self.rows(drawn, width: width)
        drawn = lines.map { TerminalText.columns(Self.withoutColours($0)) }
        let start = up > 0 ? "\u{1B}[\(up)A\r" : ""
        return start + lines.map { "\($0)\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }

    /// Lets what is drawn stand, and begins below it.
    mutating func keep() { drawn = [] }

    static func rows(_ columns: [Int], width: Int) -> Int {
        columns.reduce(0) { $0 + max(1, ($1 + max(1, width) - 1) / max(1, width)) }
    }

    /// What stands on the screen of a painted line.
    static func withoutColours(_ line: String) -> String {
        guard line.unicodeScalars.contains("\u{1B}") else { return line }
        var isEscape = false
        return String(
            String.UnicodeScalarView(
                line.unicodeScalars.filter { scalar in
                    if scalar == "\u{1B}" { isEscape = true }
                    defer { if isEscape, scalar == "m" { isEscape = false } }
                    return !isEscape
                }))
    }
}
