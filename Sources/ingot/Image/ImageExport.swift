import ArgumentParser
import ImageStore
import IngotModel
import SystemPackage

struct ImageExport: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write an image in a form that other tools take.",
        discussion: """
            An OCI image layout is for skopeo, umoci and registries, a Docker archive for `docker load` and `podman load`. \
            `-` as FILE is standard output. Layers compressed by zstd need Docker 23.0, containerd 1.5, podman 4 or later.

            Example:
              ingot image export guestbook --oci /tmp/guestbook
              skopeo inspect oci:/tmp/guestbook:latest
              ingot image export guestbook --docker-archive - | docker load
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Option(help: ArgumentHelp("An OCI image layout as a folder; one that exists gets the image added.", valueName: "folder"), completion: .directory)
    var oci: String?
    @Option(help: ArgumentHelp("An OCI image layout as one file.", valueName: "file"), completion: .file()) var ociArchive: String?
    @Option(help: ArgumentHelp("What `docker load` and `podman load` take.", valueName: "file"), completion: .file()) var dockerArchive: String?
    @Option(help: ArgumentHelp("The files of the image as one tar archive, without layers.", valueName: "file"), completion: .file())
    var rootArchive: String?
    @Option(
        help: ArgumentHelp("The files of the image in a folder, owned by whoever writes them, without setuid and devices.", valueName: "folder"),
        completion: .directory)
    var files: String?
    @Option(help: ArgumentHelp("The image's name in what is written; its tag, or `latest`, if left out.", valueName: "name")) var tag: String?
    @Option(help: "How layers are compressed: gzip or zstd; as they are if left out.") var compression: LayerCompressionArgument?
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var digest: Digest
        var format: String
        var path: String
        var tag: String?
    }

    func validate() throws {
        let given = [oci, ociArchive, dockerArchive, rootArchive, files].compactMap { $0 }
        guard given.count == 1 else {
            throw ValidationError("Into what? Give one of --oci, --oci-archive, --docker-archive, --root-archive and --files.")
        }
    }

    func run() async throws {
        let store = try options.store()
        let digest = try store.digest(of: image)
        let names = try tag.map { [$0] } ?? store.tags().filter { $0.value == digest }.keys.sorted()
        let answer = try write(digest, store, names: names)
        if answer.path == "-" { return console.note(ExportView(value: answer).lines(.plain).joined()) }
        console.show(ExportView(value: answer))
    }

    private func write(_ digest: Digest, _ store: ImageStore, names: [String]) throws -> Answer {
        var answer = Answer(digest: digest, format: "", path: "", tag: nil)
        let layers = compression?.value
        if let oci {
            // A name with a colon is none that tools find in a layout's folder.
            let name = tag ?? "latest"
            let written = try store.exportOCI(digest, to: Self.path(oci), tag: name, compression: layers)
            answer = Answer(digest: written, format: "oci", path: Self.path(oci).string, tag: name)
        } else if let ociArchive {
            let written = try store.exportArchive(digest, as: .oci, to: Self.target(ociArchive), names: names, compression: layers)
            answer = Answer(digest: written, format: "oci-archive", path: Self.name(ociArchive), tag: names.first)
        } else if let dockerArchive {
            let written = try store.exportArchive(digest, as: .docker, to: Self.target(dockerArchive), names: names, compression: layers)
            answer = Answer(digest: written, format: "docker-archive", path: Self.name(dockerArchive), tag: names.first)
        } else if let rootArchive {
            try store.exportRootArchive(digest, to: Self.target(rootArchive))
            answer = Answer(digest: digest, format: "tar", path: Self.name(rootArchive), tag: nil)
        } else if let files {
            let leftOut = try store.exportFiles(digest, to: Self.path(files))
            if leftOut > 0 { console.note("\(Words.count(leftOut, "device or pipe")) left out") }
            answer = Answer(digest: digest, format: "files", path: Self.path(files).string, tag: nil)
        }
        return answer
    }

    private static func path(_ text: String) -> FilePath { FilePath(WorkingFolder.current).pushing(FilePath(text)).lexicallyNormalized() }
    private static func target(_ text: String) -> ArchiveTarget { text == "-" ? .standardOutput : .file(path(text)) }
    private static func name(_ text: String) -> String { text == "-" ? "-" : path(text).string }
}

/// `gzip` or `zstd`.
enum LayerCompressionArgument: String, CaseIterable, ExpressibleByArgument {
    case gzip, zstd

    var value: LayerCompression {
        switch self {
        case .gzip: .gzip
        case .zstd: .zstd
        }
    }
}

struct ExportView: View {
    var value: ImageExport.Answer

    func lines(_ style: TextStyle) -> [String] {
        let place = value.path == "-" ? "standard output" : value.path
        return ["wrote \(value.digest.short) to \(value.format):\(place)\(value.tag.map { ":\($0)" } ?? "")"]
    }
}
