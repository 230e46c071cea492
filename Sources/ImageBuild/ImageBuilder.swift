public import ContainerRuntime
import Glibc
public import ImageStore
import IngotModel
public import Logging
public import SystemPackage

/// Builds images from a Dockerfile and a folder.
///
/// The same commit gives the same image, wherever and whenever it is built: every file that the build touches gets
/// the source date, files stand in one order, and known noise is left out (see `LayerNoise`). A build that finds all
/// its steps in the cache starts nothing. A build that fails or is killed leaves nothing but finished steps.
public struct ImageBuilder: Sendable {
    /// The commit that an uncommitted tree stands on. Such an image has no label `org.opencontainers.image.revision`:
    /// it is not of that revision.
    public static let dirtyBaseLabel = "dev.ingot.dirty-base"

    let store: ImageStore
    let folder: FilePath
    private let runtime: RunRuntime
    private let logger: Logger
    let cachePolicy: BuildCachePolicy
    let remote: (any RemoteImages)?

    /// - Parameters:
    ///   - cacheFolder: `ROOT/build`; made when it is missing. It must not be on an overlay.
    ///   - runtime: what RUN runs in; found when a build first needs it, when `nil`.
    ///   - cachePolicy: how much of the cache is kept after a build.
    ///   - remote: registries; none are asked when `nil`.
    public init(
        store: ImageStore, cacheFolder: FilePath, runtime: OCIRuntime? = nil, cachePolicy: BuildCachePolicy = .standard,
        remote: (any RemoteImages)? = nil, logger: Logger
    ) {
        self.store = store
        self.folder = cacheFolder
        self.cachePolicy = cachePolicy
        self.remote = remote
        self.runtime = RunRuntime(runtime)
        self.logger = logger
    }

    /// Builds the image of a request and gives it its tags.
    ///
    /// - Parameter progress: called from several tasks, in order for each step.
    /// - Throws: `BuildError` for mistakes of the user and failures of the build, with the place in the Dockerfile;
    ///   `StoreError`, `RuntimeError` for what lies below; `CancellationError`.
    public func build(
        _ request: BuildRequest, progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> BuildResult {
        let result = try await buildInTime(request, progress)
        if !result.isFromCache { pruneCacheWhenDue() }
        return result
    }

    private func buildInTime(_ request: BuildRequest, _ progress: @escaping @Sendable (BuildEvent) -> Void) async throws -> BuildResult {
        guard let deadline = request.deadline else { return try await buildToEnd(request, progress) }
        return try await withThrowingTaskGroup(of: BuildResult?.self) { group in
            group.addTask { try await buildToEnd(request, progress) }
            group.addTask {
                try await Task.sleep(for: deadline.duration)
                return nil
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else { throw BuildError.deadlinePassed(deadline) }
            return result
        }
    }

    private func buildToEnd(_ request: BuildRequest, _ progress: @escaping @Sendable (BuildEvent) -> Void) async throws -> BuildResult {
        try checkDelivery(of: request)
        let clock = ContinuousClock()
        let start = clock.now
        // Garbage collection waits until the layers of this build belong to an image.
        let lock = try store.sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let cache = try BuildCache(
            folder: folder.appending("cache"), store: store, logger: logger, sources: try await cacheSources(of: request, progress),
            isReadOnly: request.leavesCache)
        let folder = try BuildFolder(in: self.folder.appending("tmp"))
        defer { folder.remove() }
        let context = try await PreparedContext(request, store: store, folder: folder.path)
        let dockerfile = try BuildInput.dockerfile(of: context)
        do {
            var result = try await buildAll(dockerfile, in: context, cache, progress)
            if let beforeDelivery = request.beforeDelivery { try result.images.forEach(beforeDelivery) }
            try await deliver(result, request, progress)
            for target in request.cacheTargets { try await export(cache, to: target, images: result.images, progress) }
            result.duration = Milliseconds(Int((clock.now - start) / .milliseconds(1)))
            progress(.finished(result.root, duration: result.duration))
            return result
        } catch let error as BuildError {
            throw error.quoting(dockerfile)
        }
    }

    /// One platform after the other: what they have in common is found in the cache.
    private func buildAll(
        _ dockerfile: Dockerfile, in context: PreparedContext, _ cache: BuildCache, _ progress: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildResult {
        var results: [BuildResult] = []
        for platform in context.request.platforms.isEmpty ? [nil] : context.request.platforms.map(Optional.some) {
            var part = context
            part.request.platforms = platform.map { [$0] } ?? []
            if context.request.platforms.count > 1, let platform { progress(.note("building for \(platform)")) }
            let folder = try BuildFolder(in: self.folder.appending("tmp"))
            defer { folder.remove() }
            results.append(try await build(dockerfile, in: part, cache, folder, progress))
        }
        var result = results.first { Platform(of: $0.image) == .host } ?? results[0]
        guard results.count > 1 else { return result }
        result.images = results.map(\.image)
        result.root = try store.addIndex(of: result.images)
        result.steps = results.flatMap(\.steps)
        result.warnings = results.flatMap(\.warnings).reduce(into: []) { all, warning in if !all.contains(warning) { all.append(warning) } }
        return result
    }

    private func build(
        _ dockerfile: Dockerfile, in context: PreparedContext, _ cache: BuildCache, _ folder: BuildFolder,
        _ progress: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildResult {
        let session = try await session(context, dockerfile, cache, folder, progress)
        let warnings = try warnings(session, dockerfile)
        warnings.forEach { progress(.warning($0)) }
        let (state, steps) = try await settling(cache) { try await runStages(session) }
        if !context.isForeign, let index = session.context.digests.changedIndex { try cache.record(index, of: context.request.contextFolder) }
        try await session.contexts.recordIndexes()
        let image = try await finish(state, session)
        if steps.contains(where: { $0.outcome == .made }) { cache.prune() }
        return BuildResult(
            image: image, root: image.digest, images: [image], steps: steps, isDirty: session.revision.isDirty, commit: session.revision.commit,
            warnings: warnings, duration: 0)
    }

    /// Carries out the body, and waits until all layers that it began are in the store: also when it fails, so that
    /// finished steps are kept.
    private func settling<Result: Sendable>(_ cache: BuildCache, _ body: () async throws -> Result) async throws -> Result {
        let result: Result
        do { result = try await body() } catch {
            await cache.layers.settle()
            throw error
        }
        try await cache.layers.finish()
        return result
    }

    /// Reads git and, of the context, what will be asked for, at the same time.
    private func session(
        _ prepared: PreparedContext, _ dockerfile: Dockerfile, _ cache: BuildCache, _ folder: BuildFolder,
        _ progress: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildSession {
        let request = prepared.request
        async let revision = revision(of: request)
        let globals = try GlobalArguments(
            dockerfile, given: request.buildArguments, platform: request.platforms.first ?? .host, target: request.target)
        let bases = BaseImages(request, store: store, remote: remote, progress: progress)
        let contexts = NamedContexts(request, store: store, bases: bases, cache: cache, folder: folder.path)
        let plan = try await plan(request, dockerfile, globals, contexts, bases)
        let context = try BuildInput.context(of: prepared, cache: cache)
        plan.graph.needed.flatMap { plan.dockerfile.stages[$0].contextSources }.forEach(context.tree.lookAhead)
        return BuildSession(
            request: request, dockerfile: plan.dockerfile, graph: plan.graph, globals: globals, context: context, revision: try await revision,
            store: store, cache: cache, folder: folder, runtime: runtime, progress: progress, contexts: contexts, bases: bases,
            downloads: Downloads(folder: self.folder.appending("downloads")))
    }

    func revision(of request: BuildRequest) async throws -> SourceRevision {
        if let revision = request.revision { return revision }
        return try await GitRevision.read(request.contextFolder, dates: CommitDates(folder: folder.appending("cache/commits")))
    }

    // MARK: Stages

    /// Stages that do not depend on each other at the same time, as many as there are processors.
    private func runStages(_ session: BuildSession) async throws -> (state: StageState, steps: [BuildStep]) {
        session.progress(.planned(stages: session.graph.needed.map { stage($0, session.dockerfile) }))
        let most = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        return try await withThrowingTaskGroup(of: (Int, StageState, [BuildStep]).self) { group in
            var finished: [Int: StageState] = [:]
            var begun: Set<Int> = []
            var steps: [BuildStep] = []
            while finished[session.graph.target] == nil {
                for index in session.graph.ready(finished: Set(finished.keys), begun: begun).prefix(most - (begun.count - finished.count)) {
                    begun.insert(index)
                    let builder = StageBuilder(session: session, index: index, finished: finished)
                    group.addTask {
                        let (state, steps) = try await builder.build()
                        return (index, state, steps)
                    }
                }
                guard let (index, state, made) = try await group.next() else { break }
                finished[index] = state
                steps += made
            }
            guard let state = finished[session.graph.target] else { throw CancellationError() }
            return (state, steps.sorted { $0.id < $1.id })
        }
    }

    private func stage(_ index: Int, _ dockerfile: Dockerfile) -> BuildStage {
        let stage = dockerfile.stages[index]
        let steps = stage.instructions.count { $0.kind.makesLayer }
        return BuildStage(index: index, name: stage.name ?? "stage-\(index)", steps: steps)
    }

    // MARK: The image

    /// Writes the image, or finds it written by the build before.
    private func finish(_ state: StageState, _ session: BuildSession) async throws -> Image {
        let configuration = FinishedImage.configuration(state, revision: session.revision, request: session.request)
        let annotations = FinishedImage.annotations(configuration, base: state.base, request: session.request)
        let layers = try finishedLayers(state, session.request.compression)
        let key = try FinishedImage.key(configuration, layers: layers, annotations: annotations)
        let image: Image
        if let known = session.cache.image(key), known.layers == layers {
            image = known
        } else {
            image = try store.addImage(configuration, layers: layers, annotations: annotations)
            try await Provenance(session).add(to: image, store)
            if !session.request.leavesCache { try session.cache.record(key, image: image.digest) }
        }
        return image
    }
}

extension ImageBuilder {
    /// The base's layers as the base has them, and ours compressed as they should be: the same image, whatever other forms
    /// of its layers the store has.
    private func finishedLayers(_ state: StageState, _ compression: LayerCompression) throws -> [Layer] {
        let inherited = state.base?.layerCount ?? 0
        return try state.layers.enumerated().map { index, layer in
            index < inherited ? layer : try store.layer(diffID: layer.diffID, compressedAs: compression)
        }
    }
}

extension Stage {
    /// What its COPY and ADD take from the context, as it is written.
    fileprivate var contextSources: [String] {
        instructions.flatMap { instruction -> [String] in
            guard case .copy(let copy) = instruction.kind, copy.from == nil else { return [] }
            return copy.sources.map(\.raw)
        }
    }
}

extension Instruction.Kind {
    var makesLayer: Bool {
        switch self {
        case .copy, .run, .workingFolder: true
        default: false
        }
    }
}

extension BuildError {
    static func deadlinePassed(_ deadline: Milliseconds) -> BuildError {
        BuildError(
            "deadline-passed", "the build did not end within \(deadline)",
            remedy: "give it more time, or look which step takes it; finished steps are kept")
    }
}
