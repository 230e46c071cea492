import ArgumentParser
import ImageStore
import IngotModel

struct ImageList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the images of the store, with what each takes and what it shares.",
        discussion: """
            Sizes are of the layers as they are mounted: OWN would be free if only this image went, SHARED others use too.

            Example:
              ingot image list
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        console.show(ImagesView(value: try options.store().images()))
    }
}

struct ImagesView: View {
    var value: [ImageSummary]

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["There are no images yet. `ingot build` or `ingot base build` makes one."] }
        var table = Table([.left("IMAGE"), .left("TAGS"), .left("COMMIT"), .right("SIZE"), .right("OWN"), .right("SHARED"), .left("CREATED")])
        for image in value {
            table.add(
                Table.Cell(image.digest.short), Table.Cell(image.tags.isEmpty ? "–" : image.tags.joined(separator: " ")),
                Table.Cell(Words.commit(image.revision)), "\(image.totalSize)", "\(image.ownSize)", "\(image.sharedSize)",
                Table.Cell(image.created ?? "–"))
        }
        return table.lines(style)
    }
}
