/// Columns of text, each as wide as its widest cell.
struct Table {
    enum Alignment { case left, right }

    struct Column {
        var title: String
        var alignment: Alignment
        static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
    }

    struct Cell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        var text: String
        var colour: Colour?
        init(_ text: String, _ colour: Colour? = nil) {
            self.text = text
            self.colour = colour
        }
        init(stringLiteral text: String) { self.init(text) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: Cell...) { rows.append(cells) }

    /// How wide its widest line is.
    var width: Int { lines(.plain).map(\.count).max() ?? 0 }

    /// Whether it fits where it is written to.
    func fits(_ style: TextStyle) -> Bool { style.width.map { width <= $0 } ?? true }

    /// The lines, the titles first, without spaces at their ends.
    func lines(_ style: TextStyle) -> [String] {
        let widths = columns.indices.map { column in
            max(columns[column].title.count, rows.map { $0.count > column ? $0[column].text.count : 0 }.max() ?? 0)
        }
        let titles = columns.map { Cell($0.title, .bold) }
        return ([titles] + rows).map { row in
            line(row, widths, style)
        }
    }

    private func line(_ row: [Cell], _ widths: [Int], _ style: TextStyle) -> String {
        var line = ""
        var pendingSpaces = 0
        for (column, cell) in row.prefix(columns.count).enumerated() {
            let padding = widths[column] - cell.text.count
            let isRight = columns[column].alignment == .right
            pendingSpaces += isRight ? padding : 0
            if !cell.text.isEmpty {
                line += String(repeating: " ", count: pendingSpaces)
                line += cell.colour.map { style.paint(cell.text, $0) } ?? cell.text
                pendingSpaces = 0
            }
            pendingSpaces += (isRight ? 0 : padding) + 2
        }
        return line
    }
}
