import Testing

@testable import ingot

@Suite struct TableTests {
    @Test("columns are as wide as their widest cell, numbers stand right, no line ends in spaces")
    func aligns() {
        var table = Table([.left("NAME"), .right("SIZE"), .left("STATE")])
        table.add("a", "1", "up")
        table.add("longer", "12,345", "")
        table.add("", "7", "down")
        #expect(
            table.lines(.plain) == [
                "NAME      SIZE  STATE",
                "a            1  up",
                "longer  12,345",
                "             7  down",
            ])
    }

    @Test("colours do not move columns")
    func colours() {
        var table = Table([.left("A"), .left("B")])
        table.rows = [[Table.Cell("x", .red), "y"], ["long", "z"]]
        let style = TextStyle(isColoured: true, width: 80)
        #expect(
            table.lines(style) == [
                "\u{1B}[1mA\u{1B}[0m     \u{1B}[1mB\u{1B}[0m",
                "\u{1B}[31mx\u{1B}[0m     y",
                "long  z",
            ])
    }

    @Test("a table without rows is its titles")
    func empty() {
        #expect(Table([.left("A"), .right("B")]).lines(.plain) == ["A  B"])
    }
}
