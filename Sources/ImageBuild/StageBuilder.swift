import ImageStore
import IngotModel
import SystemPackage

/// What all stages of one build share.
struct BuildSession: Sendable {
    let request: BuildRequest
    let dockerfile: Dockerfile
    let graph: BuildGraph
    let globals: GlobalArguments
    let context: ContextSource
    let revision: SourceRevision
    let store: ImageStore
    let cache: BuildCache
    let folder: BuildFolder
    let runtime: RunRuntime
    let progress: @Sendable (BuildEvent) -> Void
    let interactiveTurn = InteractiveTurn()
    let contexts: NamedContexts
    let bases: BaseImages
    let downloads: Downloads

    /// The date of what comes from the context.
    var commitDate: SourceDate { SourceDate(second: revision.committedAtSecond, isOfCommit: true) }
}

/// Builds one stage from the finished ones that it needs.
struct StageBuilder: Sendable {
    let session: BuildSession
    let index: Int
    /// The stages before, as far as they are finished.
    let finished: [Int: StageState]

    var stage: Stage { session.dockerfile.stages[index] }
    var node: BuildGraph.Node { session.graph.nodes[index] }

    func build() async throws -> (state: StageState, steps: [BuildStep]) {
        var state = try await base()
        try checkRoom(state.layers.count + stage.instructions.count(where: \.isCopy), at: stage.location)
        var steps: [BuildStep] = []
        for (place, instruction) in stage.instructions.enumerated() {
            try Task.checkCancellation()
            guard try !state.apply(instruction, globals: session.globals, escape: session.dockerfile.escape) else { continue }
            let step = try await makeLayer(instruction, BuildStepID(stage: index, instruction: place), &state)
            steps.append(step)
        }
        return (state, steps)
    }

    /// A COPY always makes a layer, so too many of them are told before the first step; a RUN may make none, and is told by its own.
    private func checkRoom(_ layers: Int, at location: SourceLocation) throws(BuildError) {
        guard layers > ImageStore.layerLimit else { return }
        throw BuildError(
            "too-many-layers", at: location, "the stage would have \(layers) layers, and an image can have \(ImageStore.layerLimit)",
            hint: "join RUN and COPY instructions, or copy what they made into a new stage")
    }

    private func base() async throws -> StageState {
        switch node.base {
        case .scratch: return .scratch(node.platform ?? session.globals.platform)
        case .stage(let index):
            guard let state = finished[index] else { throw BuildError("stage-missing", at: stage.location, "stage \(index) was not built") }
            return state.asBase
        case .image(let name):
            let platform = node.platform ?? session.request.platforms.first
            let state = StageState(try await image(name, for: platform, at: stage.base.location), named: name)
            try check(state.platform, of: name)
            return state
        }
    }

    /// A base has to be of the platform that was asked for; when none was, it may be of any.
    private func check(_ platform: Platform, of name: String) throws(BuildError) {
        guard let wanted = node.platform ?? session.request.platforms.first, wanted != platform else { return }
        throw BuildError(
            "platform-missing", at: stage.base.location, "the image '\(name)' of the store is for \(platform), not for \(wanted)",
            hint: "import the one for \(wanted), or leave --platform out")
    }

    /// The image of a named context, one of the store, or one of a registry.
    func image(_ name: String, for platform: Platform?, at location: SourceLocation) async throws -> Image {
        if let image = try await session.contexts.image(name, at: location) { return image }
        return try await session.bases.image(name, for: platform, at: location)
    }

    // MARK: Steps

    private func makeLayer(_ instruction: Instruction, _ id: BuildStepID, _ state: inout StageState) async throws -> BuildStep {
        let clock = ContinuousClock()
        let start = clock.now
        session.progress(.stepStarted(id, text: instruction.text, location: instruction.location))
        do {
            let made = try await layer(instruction, id, &state)
            state.record(instruction.text, layer: made.layer)
            try checkRoom(state.layers.count, at: instruction.location)
            let duration = Milliseconds(Int((clock.now - start) / .milliseconds(1)))
            let step = BuildStep(
                id: id, text: instruction.text, location: instruction.location, outcome: made.isCached ? .cached : .made, duration: duration,
                layer: made.layer?.diffID)
            session.progress(.stepEnded(step))
            return step
        } catch {
            session.progress(.stepFailed(id, message: "\(error)"))
            throw error
        }
    }

    struct Made {
        var layer: Layer?
        var isCached: Bool
    }

    private func layer(_ instruction: Instruction, _ id: BuildStepID, _ state: inout StageState) async throws -> Made {
        if case .run = instruction.kind { try PlatformEmulation.check(state.platform, at: instruction.location) }
        return switch instruction.kind {
        case .copy(let copy): try await makeCopy(copy, instruction, id, &state)
        case .run(let run): try await self.run(run, instruction, id, state)
        case .workingFolder(let word): try await changeFolder(word, instruction, id, &state)
        default: Made(layer: nil, isCached: true)
        }
    }

    func cached(_ key: CacheKey) async -> Made? {
        guard !session.request.ignoresCache else { return nil }
        switch await session.cache.step(key) {
        case nil: return nil
        case .nothing?: return Made(layer: nil, isCached: true)
        case .layer(let layer)?: return Made(layer: layer, isCached: true)
        }
    }

    /// A tree that holds nothing but the top it lies on is no layer.
    /// The layer can be mounted, and is compressed while the build goes on.
    func add(_ tree: FileTree) throws -> Layer? {
        tree.isEmpty ? nil : try session.cache.layers.add(tree, to: session.store, session.request.compression)
    }

    func parentKey(_ kind: String, _ state: StageState) -> CacheKey.Builder {
        var key = CacheKey.Builder(kind)
        key.append(state.diffIDs.map(\.hex))
        return key
    }

    /// The files of layers as one tree, for the length of the body.
    func withTree<Result>(
        of layers: [Layer], _ id: BuildStepID, _ name: String, _ body: (MountedTree?) async throws -> Result
    ) async throws -> Result {
        let folder = try session.folder.makeStepFolder("\(id)-\(name)")
        defer { Files.removeTree(folder) }
        let view = try LayerView(layers, store: session.store, in: folder)
        defer { view.unmount() }
        return try await body(view.tree)
    }
}

extension Instruction {
    fileprivate var isCopy: Bool { if case .copy = kind { true } else { false } }
}
