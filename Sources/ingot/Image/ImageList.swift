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
              ingot image list --on python:3.11
            """)

    @Option(help: ArgumentHelp("Only images that stand on this one: those to build again when it was.", valueName: "base")) var on: String?
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let store = try options.store()
        guard let on else { return console.show(ImagesView(value: try store.images())) }
        // A base that has gone from the store is still named by the images that were built on it.
        let base = try Digest(on) ?? store.digest(of: on)
        console.show(ImagesView(value: try store.images(on: base), nothing: "No image stands on \(on)."))
    }
}

struct ImagesView: View {
    var value: [ImageSummary]
    var nothing = "There are no images yet. `ingot build` or `ingot base build` makes one."

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return [nothing] }
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
