import ArgumentParser
import ImageBuild
import ImageStore
import IngotModel

struct BaseList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the base images of the store, with the age of their packages and how many images stand on each.",
        discussion: """
            Example:
              ingot base list
              ingot image list --on python:3.11
            """)

    @OptionGroup var options: GlobalOptions

    struct Row: Encodable {
        var digest: Digest
        var tags: [String]
        var archiveDate: Timestamp?
        var definition: Digest
        var packages: [String: String]
        var size: ByteSize
        var dependants: Int
    }

    func run() async throws {
        let store = try options.store()
        let rows = try store.images().compactMap { summary -> Row? in
            guard let image = try? store.image(summary.digest), let provenance = BaseProvenance(image) else { return nil }
            return Row(
                digest: image.digest, tags: summary.tags, archiveDate: provenance.archiveDate, definition: provenance.definition,
                packages: provenance.packages, size: image.size, dependants: try store.images(on: image.digest).count)
        }
        console.show(BasesView(value: rows, now: Clock.now))
    }
}

struct BasesView: View {
    var value: [BaseList.Row]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["There are no base images yet. `ingot base build FILE` makes one."] }
        var table = Table([.left("IMAGE"), .left("TAGS"), .right("PACKAGES"), .left("AS OF"), .right("SIZE"), .right("IMAGES ON IT")])
        for row in value {
            table.add(
                Table.Cell(row.digest.short), Table.Cell(row.tags.isEmpty ? "–" : row.tags.joined(separator: " ")),
                Table.Cell(Words.count(row.packages.count)), Table.Cell(row.archiveDate.map { Words.ago($0, now: now) } ?? "–"),
                "\(row.size)", Table.Cell(Words.count(row.dependants)))
        }
        return table.lines(style)
    }
}
