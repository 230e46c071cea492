public import ImageStore
import IngotModel

/// The images that a build starts from or takes files from, each looked for once.
///
/// A name of the store, as it is written, comes first; then the image of a registry that was pulled before; then the registry.
actor BaseImages {
    private struct Wanted: Hashable {
        var name: String
        var platform: Platform?
    }

    private let store: ImageStore
    private let remote: (any RemoteImages)?
    private let pulls: BuildRequest.Pulling
    private let progress: @Sendable (BuildEvent) -> Void
    private var found: [Wanted: Task<Image?, any Error>] = [:]

    init(_ request: BuildRequest, store: ImageStore, remote: (any RemoteImages)?, progress: @escaping @Sendable (BuildEvent) -> Void) {
        self.store = store
        self.remote = remote
        pulls = request.pulling
        self.progress = progress
    }

    /// - Parameter platform: what it has to run on; any, and this machine's before others, when `nil`. An image that is only for another
    ///   one is returned all the same.
    /// - Throws: `BuildError` `base-missing`.
    func image(_ name: String, for platform: Platform?, at location: SourceLocation) async throws -> Image {
        let wanted = Wanted(name: name, platform: platform)
        let task = found[wanted] ?? Task { try await find(wanted) }
        found[wanted] = task
        do {
            if let image = try await task.value { return image }
        } catch let error as any ExplainedError where !(error is BuildError) && !(error is StoreError) {
            throw BuildError.baseMissing(name, at: location, remote: remote?.storeName(of: name), cause: error)
        }
        throw BuildError.baseMissing(name, at: location, remote: remote?.storeName(of: name))
    }

    /// What was found under a name, for whatever platforms.
    func images(named name: String) async throws -> [Image] {
        var images: [Image] = []
        for (wanted, task) in found where wanted.name == name { if let image = try await task.value { images.append(image) } }
        return images
    }

    private func find(_ wanted: Wanted) async throws -> Image? {
        let canonical = remote?.storeName(of: wanted.name)
        // A name that somebody gave here is never overridden by what a registry calls so.
        if canonical != wanted.name, let own = try local(wanted.name, wanted.platform) { return own }
        let known = try canonical.flatMap { try local($0, wanted.platform) } ?? local(wanted.name, wanted.platform)
        guard let remote, let canonical, pulls != .never else { return known }
        let fits = known.map { image in wanted.platform.map { $0 == Platform(of: image) } ?? true } ?? false
        guard !fits || pulls == .always else { return known }
        progress(.note("pulling \(canonical)"))
        return try await remote.pull(wanted.name, for: wanted.platform ?? .host, into: store)
    }

    private func local(_ name: String, _ platform: Platform?) throws -> Image? {
        guard let root = try store.resolveRoot(name) else { return nil }
        if let platform, let image = try store.image(root, for: platform.descriptor) { return image }
        return try store.resolve(name).map { try store.image($0) }
    }
}

extension Platform {
    public init(of image: Image) {
        self.init(os: image.configuration.os, architecture: image.configuration.architecture, variant: image.configuration.variant)
    }

    public var descriptor: Descriptor.Platform { .init(architecture: architecture, os: os, variant: variant) }
}

extension BuildError {
    /// - Parameter remote: where a registry was asked for it, if one was.
    static func baseMissing(_ name: String, at location: SourceLocation, remote: String? = nil, cause: (any Error)? = nil) -> BuildError {
        let asked = cause == nil ? nil : remote
        return BuildError(
            "base-missing", at: location,
            "there is no image '\(name)' in the store" + (asked.map { ", and \($0) cannot be pulled" } ?? ""),
            hint: "make a base with 'ingot base build FILE' (see bases/), or look at 'ingot image list' for what is there", cause: cause)
    }
}
