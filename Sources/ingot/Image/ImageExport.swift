import ArgumentParser
import ImageStore
import IngotModel
import SystemPackage

struct ImageExport: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write an image as an OCI image layout, which skopeo, umoci and registries take.",
        discussion: """
            Example:
              ingot image export guestbook --oci /tmp/guestbook
              skopeo inspect oci:/tmp/guestbook:latest
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Option(help: ArgumentHelp("The folder to write; made if it is missing.", valueName: "folder"), completion: .directory) var oci: String
    @Option(help: "The image's name in the layout; `latest` if left out.") var tag: String = "latest"
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var digest: Digest
        var folder: String
        var tag: String
    }

    func run() async throws {
        let store = try options.store()
        let digest = try store.digest(of: image)
        let folder = FilePath(WorkingFolder.current).pushing(FilePath(oci)).lexicallyNormalized()
        try store.exportOCI(digest, to: folder, tag: tag)
        console.show(ExportView(value: Answer(digest: digest, folder: folder.string, tag: tag)))
    }
}

struct ExportView: View {
    var value: ImageExport.Answer
    func lines(_ style: TextStyle) -> [String] { ["wrote \(value.digest.short) to oci:\(value.folder):\(value.tag)"] }
}
