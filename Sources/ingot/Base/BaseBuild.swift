import ArgumentParser
import ImageStore
import IngotModel

struct BaseBuild: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build a base image from a list of packages, by mmdebstrap, reproducibly.",
        discussion: """
            The file says `name`, `release` and `packages`, and may say more (docs/reference/bases.md):

              name: python:3.11
              release: bookworm
              variant: distroless
              packages: [python3, ca-certificates]
              users: [{ name: app, id: 1000 }]

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
        let specification = try LocalBases.specification(file)
        let image = try await LocalBases(options).build(specification)
        console.show(BaseView(value: Answer(image: image.digest, tag: specification.name, size: image.size)))
    }
}

struct BaseView: View {
    var value: BaseBuild.Answer
    func lines(_ style: TextStyle) -> [String] { ["\(value.tag) \(value.image) (\(value.size))"] }
}
