import ArgumentParser
import IngotModel
import Manifest
import SystemPackage

struct BaseBuild: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build a Debian base image from a list of packages, by mmdebstrap, reproducibly.",
        discussion: """
            Example:
              ingot base build bases/python.yaml

            The file:
              name: python:3.11
              suite: bookworm
              packages: [python3, ca-certificates]
            """)

    @Argument(help: "The description of the base image.", completion: .file(extensions: ["yaml"])) var file: String
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        guard let text = try LocalFile.read(file, limit: .mebibytes(2)) else {
            throw CommandError("base-missing", "there is no \(file)", remedy: "write one with 'name:', 'suite:' and 'packages:'; `ingot base build --help` shows it")
        }
        let parsed = BaseDefinition.parse(text, file: file)
        guard let specification = parsed.value else { throw CommandError.mistakes(in: file, parsed.diagnostics) }
        _ = specification
    }
}
