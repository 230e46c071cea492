import ArgumentParser
import ImageStore
import IngotModel
import SystemPackage

struct ImageImport: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take an image from an OCI layout or an archive of `docker save` into the store.",
        discussion: """
            The path is an OCI image layout (a folder or an archive) or what `docker save` and `podman save` write. All of it \
            is checked against its digests. The image gets the names that it has there, unless --tag gives others.

            Example:
              ingot image import /tmp/guestbook
              ingot image import debian.tar --tag debian:bookworm
            """)

    @Argument(help: "A folder or an archive.", completion: .file()) var path: String
    @Option(help: ArgumentHelp("Which image, where there are several: its name or digest.", valueName: "name")) var reference: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("A name for the image; may be given again.", valueName: "name")) var tag: [String] = []
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var digest: Digest
        var tags: [String]
        var size: ByteSize
    }

    func run() async throws {
        let store = try options.store()
        let source = FilePath(WorkingFolder.current).pushing(FilePath(path)).lexicallyNormalized()
        let imported = try store.importImage(from: source, reference: reference)
        let names = tag.isEmpty ? imported.names : tag
        for name in names { try store.tag(imported.image.digest, as: name) }
        console.show(ImportView(value: Answer(digest: imported.image.digest, tags: names, size: imported.image.size)))
    }
}

struct ImportView: View {
    var value: ImageImport.Answer

    func lines(_ style: TextStyle) -> [String] {
        let names = value.tags.isEmpty ? "no name; `ingot image tag \(value.digest.short) NAME` gives it one" : value.tags.joined(separator: ", ")
        return ["\(value.digest) (\(value.size)): \(Terminal.safe(names))"]
    }
}
