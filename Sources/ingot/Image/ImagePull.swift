import ArgumentParser
import ImageBuild
import ImageStore
import IngotModel
import Registry

struct ImagePull: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Take an image from a registry into the store.",
        discussion: """
            The image gets its full name there: `debian` becomes docker.io/library/debian:latest. Credentials are those that \
            `docker login` wrote. Everything is checked against its digests as it comes; a transfer that is cut off goes on \
            where it was.

            Example:
              ingot image pull debian:12
              ingot image pull registry.example.com/team/app:1.2 --platform linux/arm64
              ingot image pull localhost:5000/app@sha256:… --tag app
            """)

    @Argument(help: "The image, such as registry.example.com/team/app:1.2.") var reference: String
    @Option(help: ArgumentHelp("For which platforms, such as linux/amd64,linux/arm64; this machine's if left out.", valueName: "platforms"))
    var platform: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("Another name for the image; may be given again.", valueName: "name")) var tag: [String] = []
    @OptionGroup var registry: RegistryFlags
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var reference: String
        /// What the reference stands for in the registry: the image's digest, or that of an index of images.
        var digest: Digest
        var images: [Digest]
        var platforms: [String]
        var tags: [String]
        var size: ByteSize
        var blobs: TransferCount
        var referrers: Int
        var warnings: [String]
    }

    func run() async throws {
        let reference = try ImageReference(reference)
        let platforms = try PlatformList.read(platform)
        let store = try options.store()
        let progress = console.progress()
        defer { progress.finish() }
        let shown = TransferProgress(progress, verb: "pulling")
        let pulled = try await RegistryClient.with(registry.options(root: options.rootFolder)) { client in
            try await client.pull(
                reference, platforms: platforms.isEmpty ? [.host] : platforms.map(\.descriptor), as: "\(reference)", into: store
            ) { shown.happened($0) }
        }
        progress.finish()
        for name in tag { try store.give(name, to: pulled.root) }
        console.show(PullView(value: Self.answer(pulled, reference, tags: ["\(reference)"] + tag)))
    }

    private static func answer(_ pulled: PulledImage, _ reference: ImageReference, tags: [String]) -> Answer {
        Answer(
            reference: "\(reference)", digest: pulled.root, images: pulled.images.map(\.digest),
            platforms: pulled.images.map { "\(Platform(of: $0))" }, tags: tags, size: pulled.images.map(\.size).reduce(0, +), blobs: pulled.count,
            referrers: pulled.referrers, warnings: pulled.warnings)
    }
}

struct PullView: View {
    var value: ImagePull.Answer

    func lines(_ style: TextStyle) -> [String] {
        let warnings = value.warnings.map { style.paint("warning: \(Terminal.safe($0))", .yellow) }
        let names = value.tags.joined(separator: ", ")
        return warnings + ["\(value.blobs.words); \(value.platforms.joined(separator: ", "))", "\(value.digest) (\(value.size)): \(names)"]
    }
}
