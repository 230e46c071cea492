import ArgumentParser
import ImageBuild
import ImageStore
import IngotModel
import Logging
import Manifest
import SystemPackage

struct BaseBuild: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build a Debian base image from a list of packages, by mmdebstrap, reproducibly.",
        discussion: """
            The file says `name`, `suite` and `packages`, and may say more; bases/python.yaml is one:

              name: python:3.11
              suite: bookworm
              packages: [python3, ca-certificates]

            Example:
              ingot base build bases/python.yaml
            """)

    @Argument(help: "The description of the base image.", completion: .file(extensions: ["yaml"])) var file: String
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var image: Digest
        var tag: String
        var size: ByteSize
    }

    func run() async throws {
        let specification = try specification()
        let store = try options.store()
        let silent = Logger(label: "ingot.base") { _ in SwiftLogNoOpLogHandler() }
        let builder = BaseImageBuilder(store: store, cacheFolder: FilePath(options.rootFolder).appending("build"), logger: silent)
        let progress = console.progress()
        defer { progress.finish() }
        let step = "base \(specification.name): \(specification.suite) with \(Words.count(specification.packages.count, "package"))"
        progress.start("base", step)
        let isLive = console.errors.style.isLive
        let image = try await builder.build(specification) { line in
            // On a terminal the last line is enough: it is drawn over by the next.
            if isLive {
                progress.start("line", Terminal.safe(line), isAnnounced: false)
            } else {
                progress.say(["           | \(Terminal.safe(line))"])
            }
        }
        progress.drop("line")
        progress.end("base", step)
        console.show(BaseView(value: Answer(image: image.digest, tag: specification.name, size: image.size)))
    }

    private func specification() throws -> BaseImageSpecification {
        guard let text = try LocalFile.read(file, limit: .mebibytes(2)) else {
            throw CommandError("base-missing", "there is no \(file)", remedy: "`ingot base build --help` shows what to write")
        }
        let parsed = BaseDefinition.parse(text, file: file)
        guard let specification = parsed.value else { throw CommandError.mistakes(in: file, parsed.diagnostics) }
        return specification
    }
}

struct BaseView: View {
    var value: BaseBuild.Answer
    func lines(_ style: TextStyle) -> [String] { ["\(value.tag) \(value.image) (\(value.size))"] }
}
