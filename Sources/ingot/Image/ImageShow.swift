import API
import ArgumentParser
import Client
import ImageStore
import IngotModel

struct ImageShow: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one image: its layers, and how it is started.",
        discussion: """
            Example:
              ingot image show guestbook
              ingot image show guestbook --layers
              ingot image show 6c3c624b58db --output json
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Flag(help: "Show what each instruction added, and what of it later ones replaced or removed.") var layers = false
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var digest: Digest
        var tags: [String]
        var size: ByteSize
        var manifest: ImageManifest
        var configuration: ImageConfiguration
        var layers: [Layer]
        /// What services have on record about it; `nil` when no daemon answers.
        var records: [ImageRecord]?
    }

    func run() async throws {
        let store = try options.store()
        let image = try store.image(store.digest(of: image))
        if layers { return console.show(LayersView(value: try store.layerReports(of: image))) }
        let tags = try store.tags().filter { $0.value == image.digest }.keys.sorted()
        // The store is read without the daemon; what is on record only it knows.
        let records = try? await options.client.evidence(for: image.digest)
        console.show(
            ImageView(
                value: Answer(
                    digest: image.digest, tags: tags, size: image.size, manifest: image.manifest, configuration: image.configuration,
                    layers: image.layers, records: records), now: Clock.now))
    }
}

struct ImageView: View {
    var value: ImageShow.Answer
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        let settings = value.configuration.config
        var fields = Fields()
        fields.add("image", "\(value.digest)")
        fields.add("tags", value.tags.joined(separator: " "))
        fields.add("created", value.configuration.created)
        fields.add("platform", "\(value.configuration.os)/\(value.configuration.architecture)")
        fields.add("size", "\(value.size) in \(Words.count(value.layers.count, "layer"))")
        fields.add("user", settings.user.flatMap { $0.isEmpty ? nil : $0 } ?? "root")
        fields.add("entrypoint", settings.entrypoint.map { Self.words($0) })
        fields.add("command", settings.command.map { Self.words($0) })
        fields.add("folder", settings.workingFolder)
        fields.add("ports", settings.exposedPorts?.keys.sorted().joined(separator: " "))
        fields.add("stop signal", settings.stopSignal)
        for variable in settings.environment ?? [] { fields.add("environment", variable) }
        for (name, text) in (settings.labels ?? [:]).sorted(by: { $0.key < $1.key }) { fields.add("label", "\(name)=\(text)") }
        return fields.lines(style) + [""] + layers.lines(style) + ImageRecordsView(value: value.records ?? [], now: now).lines(style)
    }

    private var layers: Table {
        var table = Table([.left("LAYER"), .right("MOUNTED"), .right("BLOB"), .left("MADE BY")])
        let makers = value.configuration.history.filter { $0.emptyLayer != true }.map { $0.createdBy ?? "" }
        for (index, layer) in value.layers.enumerated() {
            let maker = makers.indices.contains(index) ? makers[index] : ""
            table.add(
                Table.Cell(layer.diffID.short), "\(layer.mountableSize)", "\(ByteSize(layer.blob.size))",
                Table.Cell(maker.count > 80 ? "\(maker.prefix(79))…" : maker))
        }
        return table
    }

    /// As a shell would take them.
    static func words(_ words: [String]) -> String {
        words.map { word in
            let isPlain = !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./:=,@%+".contains($0)) }
            return isPlain ? word : "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
        }.joined(separator: " ")
    }
}
