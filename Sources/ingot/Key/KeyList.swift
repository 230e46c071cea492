import ArgumentParser
import Gates

struct KeyList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys.",
        discussion: """
            Example:
              ingot key list
            """)

    @OptionGroup var folder: KeyFolderFlags
    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(KeyListView(value: try folder.folder(options).list().map(KeyView.Answer.init))) }
}

struct KeyListView: View {
    var value: [KeyView.Answer]

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["there is no key yet: `ingot key create NAME` makes one"] }
        var table = Table([.left("NAME"), .left("CAN"), .left("ID")])
        for key in value { table.add(Table.Cell(key.name), Table.Cell(key.hasPrivateKey ? "sign and verify" : "verify"), Table.Cell(key.id)) }
        return table.lines(style)
    }
}
