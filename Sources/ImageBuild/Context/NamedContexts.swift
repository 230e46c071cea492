import ImageStore
import IngotModel
import SystemPackage

/// The named contexts of one build, each read once, when it is first needed.
actor NamedContexts {
    private let request: BuildRequest
    private let store: ImageStore
    private let bases: BaseImages
    private let cache: BuildCache
    /// Of the build.
    private let folder: FilePath
    private var reading: [String: Task<ContextSource, any Error>] = [:]
    private var images: [String: Image] = [:]

    init(_ request: BuildRequest, store: ImageStore, bases: BaseImages, cache: BuildCache, folder: FilePath) {
        self.request = request
        self.store = store
        self.bases = bases
        self.cache = cache
        self.folder = folder
    }

    private func context(_ name: String) -> NamedContext? { request.namedContexts[name] ?? request.namedContexts[name.lowercased()] }

    /// The context as files; `nil` when the name is not one, or one of an image.
    func source(_ name: String) async throws -> ContextSource? {
        let path: FilePath?
        let reference: GitReference?
        switch context(name) {
        case .folder(let folder): (path, reference) = (folder, nil)
        case .git(let git): (path, reference) = (nil, git)
        case .image, .layout, nil: return nil
        }
        if let task = reading[name] { return try await task.value }
        let (request, cache, store, place) = (request, cache, store, folder.appending("context-\(reading.count)"))
        let task = Task<ContextSource, any Error> {
            if let path {
                return try BuildInput.context(path, rules: BuildInput.rules(below: path), "the context '\(name)'", index: cache.index(of: path))
            }
            guard let reference else { throw CancellationError() }
            let fetched = try await Self.fetch(reference, request, store, to: place)
            return try BuildInput.context(fetched, rules: BuildInput.rules(below: fetched), "the context '\(name)'", index: ContextIndex())
        }
        reading[name] = task
        return try await task.value
    }

    private static func fetch(_ reference: GitReference, _ request: BuildRequest, _ store: ImageStore, to folder: FilePath) async throws -> FilePath {
        try Files.makeFolder(folder)
        var inner = BuildRequest(contextFolder: folder)
        inner.context = .git(reference)
        inner.gitProtocols = request.gitProtocols
        return try await PreparedContext(inner, store: store, folder: folder).request.contextFolder
    }

    /// The image that the name stands for; `nil` when it is no context.
    ///
    /// - Throws: `BuildError` when it is a context of files.
    func image(_ name: String, at location: SourceLocation) async throws -> Image? {
        if let image = images[name] { return image }
        let image: Image
        switch context(name) {
        case .image(let reference):
            image = try await bases.image(reference, for: request.platforms.first, at: location)
        case .layout(let path, let reference): image = try store.importOCI(from: path, reference: reference)
        case nil: return nil
        case .folder, .git:
            throw BuildError(
                "base-unsuitable", at: location, "the context '\(name)' has files and no image",
                hint: "use COPY --from=\(name), or give docker-image://…")
        }
        images[name] = image
        return image
    }

    /// Notes what was read, so that the next build reads less.
    func recordIndexes() async throws {
        for (name, task) in reading {
            guard case .folder(let path) = context(name), case .success(let source) = await task.result else { continue }
            if let index = source.digests.changedIndex { try cache.record(index, of: path) }
        }
    }
}
