import IngotModel

/// What `--metadata-file` holds: the keys that scripts know from `docker buildx build`.
struct BuildMetadata: Encodable {
    private var digest: Digest
    private var configuration: Digest
    private var names: String?

    enum CodingKeys: String, CodingKey {
        case digest = "containerimage.digest"
        case configuration = "containerimage.config.digest"
        case names = "image.name"
    }

    init(_ built: BuildView.Value) {
        digest = built.image
        configuration = built.configuration
        names = built.tags.isEmpty ? nil : built.tags.joined(separator: ",")
    }

    var json: String { Renderer.json(self, isPretty: true) }
}
