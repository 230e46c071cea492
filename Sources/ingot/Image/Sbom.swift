import ArgumentParser
import Gates
import ImageStore
import IngotModel

struct Sbom: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "sbom", abstract: "List the software in an image: its bill of materials.",
        discussion: """
            Packages of Debian and Alpine, and of Python, Node, Go, Rust, Java, Ruby and .NET, with the layer and file that say so.

            Example:
              ingot sbom guestbook
              ingot sbom guestbook --format cyclonedx-json --file guestbook.cdx.json
              ingot sbom 6c3c624b58db --format spdx-json
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case cyclonedx = "cyclonedx-json"
        case spdx = "spdx-json"
    }

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Option(help: "How it is written.") var format: Format = .table
    @Option(help: ArgumentHelp("Where it is written; to the terminal if left out.", valueName: "file"), completion: .file()) var file: String?
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let store = try options.store()
        let found = try store.image(store.digest(of: image))
        let bill = try BillOfMaterials.of(found, in: store)
        guard let document = BillDocument(rawValue: format.rawValue) else { return console.show(BillView(value: bill)) }
        let text = String(decoding: try document.write(bill, name: image, created: found.configuration.created), as: UTF8.self)
        guard let file else { return print(text) }
        try LocalFile.replace(file, text + "\n")
    }
}

struct BillView: View {
    var value: BillOfMaterials

    func lines(_ style: TextStyle) -> [String] {
        var table = Table([.left("PACKAGE"), .left("VERSION"), .left("FROM"), .left("WHERE")])
        for package in value.packages {
            table.add(
                Table.Cell(Terminal.safe(package.name)), Table.Cell(Terminal.safe(package.version)), Table.Cell(package.ecosystem.rawValue),
                Table.Cell(Terminal.safe(package.locations.first?.path ?? "–")))
        }
        let problems = value.problems.map { style.paint("not read: \(Terminal.safe($0.description))", .red) }
        let system = value.distribution.map { " on \(Terminal.safe($0.name ?? $0.id))" } ?? ""
        return (value.packages.isEmpty ? [] : table.lines(style)) + problems + ["\(Words.count(value.packages.count, "package"))\(system)"]
    }
}
