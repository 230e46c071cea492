import FoundationEssentials
import ImageStore
import IngotModel

/// What an image was made of and by what, as a document beside the image: its digest does not depend on it.
///
/// It has no time and no machine in it, so the same build writes the same document. Of build arguments it has the
/// names only: a value may be what nobody should see.
///
/// Source: in-toto Statement 1, SLSA Provenance 1.
struct Provenance: Encodable {
    static let mediaType = "application/vnd.in-toto+json"

    private var statementType = "https://in-toto.io/Statement/v1"
    private var subject: [Material] = []
    private var predicateType = "https://slsa.dev/provenance/v1"
    private var predicate: Predicate

    private enum CodingKeys: String, CodingKey {
        case statementType = "_type"
        case subject, predicateType, predicate
    }

    private struct Material: Encodable, Hashable {
        var name: String
        var digest: [String: String]
    }

    private struct Predicate: Encodable {
        var buildDefinition: Definition
        var runDetails: RunDetails
    }

    private struct Definition: Encodable {
        var buildType = "urn:ingot:build:dockerfile:1"
        var externalParameters: External
        var internalParameters: Internal
        var resolvedDependencies: [Material]
    }

    private struct External: Encodable {
        var dockerfile: String
        var target: String?
        var argumentNames: [String]
    }

    private struct Internal: Encodable {
        var noiseVersion = LayerNoise.version
        var keyVersion = CacheKey.version
        var compression: LayerCompression
        var sourceDate: Int
    }

    private struct RunDetails: Encodable {
        var builder: Builder
    }

    private struct Builder: Encodable {
        var id = "urn:ingot:builder"
        var version: [String: String]
    }

    init(_ session: BuildSession) async throws {
        let request = session.request
        let external = External(
            dockerfile: session.dockerfile.stages.first?.location.file ?? "Dockerfile", target: request.target,
            argumentNames: request.buildArguments.keys.sorted())
        let own = Internal(compression: request.compression, sourceDate: session.revision.committedAtSecond)
        let definition = Definition(
            externalParameters: external, internalParameters: own, resolvedDependencies: try await Self.source(session) + Self.images(session))
        let version = request.builderVersion.map { ["ingot": $0] } ?? [:]
        predicate = Predicate(buildDefinition: definition, runDetails: RunDetails(builder: Builder(version: version)))
    }

    private static func source(_ session: BuildSession) -> [Material] {
        guard let commit = session.revision.commit, !session.revision.isDirty else { return [] }
        return [Material(name: "source", digest: ["gitCommit": commit])]
    }

    /// All images that the needed stages start from or copy from.
    private static func images(_ session: BuildSession) async throws -> [Material] {
        let nodes = session.graph.needed.map { session.graph.nodes[$0] }
        let origins = Set(nodes.flatMap { [$0.base] + Array($0.sources.values) + $0.mountSources.values.flatMap(\.values) })
        var materials: [Material] = []
        for origin in origins {
            for (name, digest) in try await images(origin, session) {
                materials.append(Material(name: name, digest: [Digest.algorithm: digest.hex]))
            }
        }
        return materials.sorted { ($0.name, $0.digest[Digest.algorithm] ?? "") < ($1.name, $1.digest[Digest.algorithm] ?? "") }
    }

    private static func images(_ origin: BuildGraph.Origin, _ session: BuildSession) async throws -> [(name: String, digest: Digest)] {
        switch origin {
        case .scratch, .stage: return []
        case .image(let name):
            // A context of files is no image.
            guard try await session.contexts.source(name) == nil else { return [] }
            let place = SourceLocation(file: "Dockerfile", line: 1, column: 1)
            if let image = try await session.contexts.image(name, at: place) { return [(name, image.digest)] }
            return try await Set(session.bases.images(named: name).map(\.digest)).map { (name, $0) }
        }
    }

    func add(to image: Image, _ store: ImageStore) throws {
        var statement = self
        let name = image.configuration.config.labels?["org.opencontainers.image.title"] ?? "image"
        statement.subject = [Material(name: name, digest: [Digest.algorithm: image.digest.hex])]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try store.addReferrer(to: image.digest, artifactType: Self.mediaType, content: Array(encoder.encode(statement)))
    }
}
