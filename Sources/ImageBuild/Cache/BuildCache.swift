import FoundationEssentials
import Glibc
import ImageStore
import IngotModel
import Logging
import SystemPackage

/// What was built before, as small files under `ROOT/build/cache`, each written whole or not at all.
///
///     steps/<key>      what a step made
///     images/<key>     the image of a finished build
///     contexts/<key>   the index of a context
///     turns/<key>      held while a step is made
///     commits/<commit> when it was made
///
/// A record that can't be read, or whose layer is no longer in the store, counts as not there. The layers of records are
/// retained in the store, and a layer that is used again counts as new: so the ones that go are those that no build needs.
struct BuildCache: Sendable {
    /// Records of one kind; beyond that the oldest go.
    static let mostRecords = 20_000
    static let mostContexts = 64
    private static let largestRecord = 1 << 16
    private static let largestIndex = ContextIndex.mostEntries * 72 + 8

    let folder: FilePath
    let store: ImageStore
    let logger: Logger
    /// Other machines' results.
    let sources: [CacheSource]
    /// Whether results are only looked up: the second build of a verification must not replace those of the first.
    let isReadOnly: Bool
    /// Of this build.
    let layers = LayersInProgress()
    let trace = CacheTrace()

    init(folder: FilePath, store: ImageStore, logger: Logger, sources: [CacheSource] = [], isReadOnly: Bool = false) throws(BuildError) {
        self.folder = folder
        self.store = store
        self.logger = logger
        self.sources = sources
        self.isReadOnly = isReadOnly
        try Files.makeFolders(folder)
        for name in ["steps", "images", "contexts", "turns"] { try Files.makeFolder(folder.appending(name)) }
    }

    /// What a step made.
    struct StepRecord: Codable, Sendable {
        /// `nil` when it changed nothing.
        var layer: Digest?
        /// The instruction, for people who look into the cache.
        var text: String
    }

    enum Result: Sendable { case nothing, layer(Layer) }

    func step(_ key: CacheKey) async -> Result? {
        guard let record = read(StepRecord.self, path("steps", key)), let result = result(record) else { return await taken(key) }
        trace.note(key, record)
        utimensat(AT_FDCWD, path("steps", key).string, nil, 0)
        if let layer = record.layer { try? store.retain(layer: layer) }
        return result
    }

    /// Counts for no other build when the layer came from another machine's cache.
    func record(_ key: CacheKey, layer: Layer?, text: String) throws {
        let record = StepRecord(layer: layer?.diffID, text: String(text.prefix(200)))
        trace.note(key, record)
        guard !isReadOnly, layer.map({ !trace.isTaken($0.diffID) }) ?? true else { return }
        if let layer { try store.retain(layer: layer.diffID) }
        try write(record, path("steps", key))
    }

    private func result(_ record: StepRecord) -> Result? {
        guard let diffID = record.layer else { return .nothing }
        return (layers[diffID] ?? (try? store.layer(diffID: diffID))).map { .layer($0) }
    }

    /// What another machine's cache has, its layer checked and in the store.
    private func taken(_ key: CacheKey) async -> Result? {
        for source in sources {
            guard let step = source[key] else { continue }
            let record = StepRecord(layer: step.layer, text: step.text)
            guard let diffID = step.layer else {
                trace.note(key, record)
                return .nothing
            }
            do {
                let layer = try await source.take(diffID, into: store)
                trace.noteTaken(diffID)
                trace.note(key, record)
                return .layer(layer)
            } catch {
                logger.warning("a result of another machine cannot be used", metadata: ["layer": "\(diffID)", "error": "\(error)"])
            }
        }
        return nil
    }

    /// Waits until nobody else on this machine is making what the key stands for.
    func turn(for key: CacheKey) async throws -> CacheTurn { try await CacheTurn(folder.appending("turns").appending(key.digest.hex)) }

    /// What this build used, for other machines: the layers and the document about them. Its layers must be finished.
    func shared(_ extent: CacheLocation.Extent, images: [Image]) throws -> (layers: [Layer], document: [UInt8]) {
        let wanted = Set(images.flatMap(\.layers).map(\.diffID))
        var records = trace.records.filter { extent == .max || $0.value.layer.map(wanted.contains) ?? true }
        let layers = try Set(records.values.compactMap(\.layer)).sorted().compactMap { try store.layer(diffID: $0) }
        let found = Set(layers.map(\.diffID))
        records = records.filter { $0.value.layer.map(found.contains) ?? true }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (layers, try Array(encoder.encode(SharedCache(records))))
    }

    private struct ImageRecord: Codable { var image: Digest }

    func image(_ key: CacheKey) -> Image? {
        guard let record = read(ImageRecord.self, path("images", key)) else { return nil }
        return try? store.image(record.image)
    }

    func record(_ key: CacheKey, image: Digest) throws(BuildError) { try write(ImageRecord(image: image), path("images", key)) }

    func index(of context: FilePath) -> ContextIndex {
        guard let bytes = try? Files.read(indexPath(context), limit: Self.largestIndex) else { return ContextIndex() }
        return ContextIndex(bytes: bytes)
    }

    func record(_ index: ContextIndex, of context: FilePath) throws(BuildError) {
        if !isReadOnly { try Files.write(index.bytes, to: indexPath(context)) }
    }

    // MARK: Files

    private func path(_ kind: String, _ key: CacheKey) -> FilePath { folder.appending(kind).appending("\(key.digest.hex).json") }

    private func indexPath(_ context: FilePath) -> FilePath {
        var key = CacheKey.Builder("context")
        key.append(context.string)
        return folder.appending("contexts").appending("\(key.finish().digest.hex).index")
    }

    private func read<Record: Decodable>(_ type: Record.Type, _ path: FilePath) -> Record? {
        guard let bytes = try? Files.read(path, limit: Self.largestRecord) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }

    private func write(_ record: some Encodable, _ path: FilePath) throws(BuildError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(record) else { return }
        try Files.write(Array(data), to: path)
    }

    /// Removes the oldest records beyond the limits, and what a killed builder left half written.
    func prune() {
        prune("steps", most: Self.mostRecords)
        prune("images", most: Self.mostRecords)
        prune("contexts", most: Self.mostContexts)
        prune("commits", most: Self.mostRecords)
    }

    private func prune(_ kind: String, most: Int) {
        let names = Files.names(folder.appending(kind))
        guard names.count > most else { return }
        let aged = names.map { (name: $0, modified: modified(folder.appending(kind).appending($0))) }.sorted { $0.modified < $1.modified }
        for record in aged.prefix(names.count - most * 9 / 10) { unlink(folder.appending(kind).appending(record.name).string) }
        logger.debug("pruned the build cache", metadata: ["kind": "\(kind)", "records": "\(names.count)"])
    }

    private func modified(_ path: FilePath) -> Int64 {
        var status = stat()
        return stat(path.string, &status) == 0 ? FileIdentity.nanoseconds(status.st_mtim) : 0
    }
}
