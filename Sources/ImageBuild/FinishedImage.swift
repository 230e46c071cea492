import FoundationEssentials
import ImageStore
import IngotModel

/// What a finished stage becomes as an image: its time, its labels.
///
/// Source of the keys: OCI Image Specification 1.1, Annotations.
enum FinishedImage {
    private static let prefix = "org.opencontainers.image."

    /// The image's time is the commit's; the Dockerfile's own labels stand over those of the commit, the request's over all.
    static func configuration(_ state: StageState, revision: SourceRevision, request: BuildRequest) -> ImageConfiguration {
        var settings = state.settings
        // The base's own would say something about the base.
        let inherited = (settings.labels ?? [:]).filter { !baseOnly.contains($0.key) || state.setLabels.contains($0.key) }
        settings.labels = labels(revision, request).merging(inherited) { _, own in own }.merging(request.labels) { _, own in own }
        var configuration = ImageConfiguration(
            created: Timestamp(secondsSince1970: revision.committedAtSecond), architecture: state.architecture, config: settings,
            history: state.history)
        configuration.author = state.author
        // What the image is built for, whatever its base says of itself.
        let platform = request.platforms.first ?? state.platform
        configuration.architecture = platform.architecture
        configuration.variant = platform.variant
        return configuration
    }

    /// Labels of a base that are not true of an image that stands on it.
    static let baseOnly = Set(
        ["revision", "created", "source", "version", "title"].map { prefix + $0 } + [Image.dirtyLabel, ImageBuilder.dirtyBaseLabel])

    static func labels(_ revision: SourceRevision, _ request: BuildRequest) -> [String: String] {
        var labels = [prefix + "created": Timestamp(secondsSince1970: revision.committedAtSecond).text]
        guard !request.isTest else { return labels }
        labels[prefix + "title"] = request.title
        if revision.isDirty {
            labels[Image.dirtyLabel] = "true"
            labels[ImageBuilder.dirtyBaseLabel] = revision.commit
        } else {
            labels[prefix + "revision"] = revision.commit
        }
        return labels
    }

    /// The manifest carries the standard labels too: registries show those. What it stands on is in it, so that an
    /// image's bases are known wherever it goes.
    static func annotations(_ configuration: ImageConfiguration, base: BaseReference?, request: BuildRequest) -> [String: String] {
        var annotations = (configuration.config.labels ?? [:]).filter { $0.key.hasPrefix(prefix) }
        annotations[Image.baseNameAnnotation] = base?.name
        annotations[Image.baseDigestAnnotation] = base.map { "\($0.digest)" }
        return annotations.merging(request.annotations) { _, own in own }
    }

    static func key(_ configuration: ImageConfiguration, layers: [Layer], annotations: [String: String]) throws -> CacheKey {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes = try Array(encoder.encode(configuration))
        var key = CacheKey.Builder("image")
        bytes.withUnsafeBytes { key.append($0) }
        key.append(layers.map { $0.blob.digest.hex })
        key.append(annotations)
        return key.finish()
    }
}
