import ArgumentParser
import ImageBuild
import IngotModel

struct BaseCheck: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what a rebuild of a base image would change, without building.",
        discussion: """
            Asks apt's index, as it is now, which versions would be installed. Nothing is built.

            Example:
              ingot base check bases/python.yaml
              ingot base check bases/python.yaml --output json
            """)

    @Argument(help: "The description of the base image.", completion: .file(extensions: ["yaml"])) var file: String
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let specification = try LocalBases.specification(file)
        let changes = try await LocalBases(options).builder.changes(specification)
        console.show(BaseChangesView(value: changes, now: Clock.now))
    }
}

struct BaseChangesView: View {
    var value: BaseChanges
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard let image = value.image else {
            let rest = value.isPartial ? " and what they need to run" : ""
            return ["\(value.name) was never built here; it would have \(Words.count(value.packages.count, "package"))\(rest)"]
        }
        let age = value.archiveDate.map { ", from packages as of \(Words.moment($0))" } ?? ""
        let head = "\(value.name) is \(image.short)\(age)"
        let definition = value.definitionChanged ? ["its description has changed since it was built"] : []
        guard !value.packages.isEmpty else {
            return [head] + (definition.isEmpty ? ["a rebuild would change nothing"] : definition)
        }
        var table = Table([.left("PACKAGE"), .left("NOW"), .left("AFTER A REBUILD")])
        for package in value.packages {
            table.add(Table.Cell(package.name), Table.Cell(package.old ?? "–"), Table.Cell(package.new ?? "–"))
        }
        return [head] + definition + ["\(Words.count(value.packages.count, "package")) would change:", ""] + table.lines(style)
    }
}
