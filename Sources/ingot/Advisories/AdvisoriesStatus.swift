import ArgumentParser
import Gates
import IngotModel

struct AdvisoriesStatus: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say which advisories there are, how old they are, and whether their index is whole.",
        discussion: """
            Example:
              ingot advisories status
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let index = try AdvisoryIndex.open(options.advisoryIndex)
        try index.verify()
        console.show(AdvisoryStatusView(value: index.catalog, now: Clock.now))
    }
}

struct AdvisoryStatusView: View {
    var value: AdvisoryCatalog
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        var table = Table([.left("NAME"), .left("FOR"), .right("STATEMENTS"), .left("KNOWN AS OF"), .left("IMPORTED")])
        for source in value.sources {
            table.add(
                Table.Cell(Terminal.safe(source.origin)), Table.Cell(Self.scopes(source)), "\(source.advisories)",
                Table.Cell("\(source.knownAt.text.prefix(10))"), Table.Cell(Words.ago(source.importedAt, now: now)))
        }
        return table.lines(style)
    }

    private static func scopes(_ source: AdvisoryCatalog.Source) -> String {
        let names = source.scopes.keys.sorted()
        return names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }
}
