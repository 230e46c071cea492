internal import Dispatch
internal import FoundationEssentials
public import ImageStore
public import IngotModel

/// An image that was taken from a registry into the store.
public struct PulledImage: Sendable {
    /// What the reference means there: an image, or an index.
    public var root: Digest
    /// One for each platform that was asked for, in that order.
    public var images: [Image]
    public var count: TransferCount
    /// Documents about the images that came with them.
    public var referrers: Int
    /// What did not come, though the image is whole without it.
    public var warnings: [String]
}

extension RegistryClient {
    /// Takes an image into the store: of an index the image for each platform, with the documents about it. What is here already is not
    /// fetched again; layers come side by side, and each becomes mountable while others still come.
    ///
    /// All of it is taken for hostile: sizes and digests are held against what was named before, and a layer against the image's
    /// configuration. Nothing of an image that fails is found in the store, but the layers that were whole.
    ///
    /// - Parameter name: under which name the store has it then; none when `nil`.
    /// - Throws: `RegistryError`, `StoreError`, `CancellationError`.
    public func pull(
        _ reference: ImageReference, platforms: [Descriptor.Platform] = [.host], as name: String?, into store: ImageStore,
        progress: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> PulledImage {
        let repository = try repository(reference)
        let lock = try store.sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let root = try await found(repository)
        let pull = ImagePull(repository: repository, store: store, memory: memory(reference.host), progress: progress)
        var result = PulledImage(root: root.descriptor.digest, images: [], count: TransferCount(), referrers: 0, warnings: [])
        for document in try await pull.images(root, platforms) { result.images.append(try await pull.image(document)) }
        if MediaType.indexes.contains(root.descriptor.mediaType) {
            _ = try store.addIndex(document: root.bytes, mediaType: root.descriptor.mediaType)
        }
        for image in result.images {
            do {
                let referrers = try await pull.referrers(of: image.digest)
                result.referrers += referrers.count
                result.warnings += referrers.warnings
            } catch let error as any ExplainedError {
                result.warnings.append("the documents about \(image.digest.short) did not all come: \(error.message)")
            }
        }
        if let name { try store.tag(root.descriptor.digest, as: name) }
        result.count = pull.counted
        return result
    }

    /// The document that the reference names; when there is none, an error that says what there is.
    private func found(_ repository: RemoteRepository) async throws -> RemoteRepository.Document {
        do { return try await repository.manifest(repository.reference.manifest) } catch let error as RegistryError where error.reason == .notFound {
            guard let tag = repository.reference.tag, repository.reference.digest == nil, let all = try? await repository.tags() else { throw error }
            // Those that stand for documents about images are nobody's choice.
            let tags = all.filter { !$0.hasPrefix("sha256-") }
            guard !tags.isEmpty else { throw error }
            let near = NearestWord.to(tag, among: tags).map { "; did you mean '\(printable($0, most: 128))'?" } ?? ""
            throw RegistryError(
                .notFound, "\(repository.reference.name) has no tag '\(tag)'\(near)",
                remedy: "it has \(tags.count) others, such as "
                    + tags.suffix(8).map { printable($0, most: 128) }.joined(separator: ", "), fault: .user, cause: error)
        }
    }
}

/// One image on its way into the store.
struct ImagePull: Sendable {
    let repository: RemoteRepository
    let store: ImageStore
    let memory: RepositoryMemory?
    let progress: @Sendable (TransferEvent) -> Void
    private let count = Synchronized(TransferCount())

    init(
        repository: RemoteRepository, store: ImageStore, memory: RepositoryMemory?, progress: @escaping @Sendable (TransferEvent) -> Void
    ) {
        self.repository = repository
        self.store = store
        self.memory = memory
        self.progress = progress
    }

    var counted: TransferCount { count.change { $0 } }

    /// The manifests of the images that are wanted.
    func images(_ root: RemoteRepository.Document, _ platforms: [Descriptor.Platform]) async throws -> [RemoteRepository.Document] {
        guard MediaType.indexes.contains(root.descriptor.mediaType) else { return [root] }
        guard let index = try? JSONDecoder().decode(ImageIndex.self, from: Data(root.bytes)) else {
            throw RegistryError.contentWrong("\(repository.reference)", "its index cannot be read")
        }
        var documents: [RemoteRepository.Document] = []
        for platform in platforms {
            guard let chosen = index.manifest(for: platform) else { throw Self.missing(platform, index, repository.reference) }
            guard !documents.contains(where: { $0.descriptor.digest == chosen.digest }) else { continue }
            let document = try await repository.manifest("\(chosen.digest)")
            guard document.descriptor.size == chosen.size, MediaType.manifests.contains(document.descriptor.mediaType) else {
                throw RegistryError.contentWrong("\(chosen.digest)", "its index has it with another size, or it is no image")
            }
            documents.append(document)
        }
        return documents
    }

    private static func missing(_ platform: Descriptor.Platform, _ index: ImageIndex, _ reference: ImageReference) -> RegistryError {
        let known = index.manifests.compactMap(\.platform).filter { $0.os != "unknown" }.map { printable("\($0)", most: 40) }.prefix(12)
        return RegistryError(
            .platformMissing, "\(reference) has no image for \(platform)",
            remedy: known.isEmpty ? "it has none for any platform" : "it has one for \(known.joined(separator: ", ")): choose by --platform",
            fault: .user)
    }

    // MARK: One image

    func image(_ document: RemoteRepository.Document) async throws -> Image {
        // `config` alone is read before: what it says of the rest is checked together with it.
        guard let manifest = try? JSONDecoder().decode(ImageManifest.self, from: Data(document.bytes)) else {
            throw RegistryError.contentWrong("\(repository.reference)", "its manifest cannot be read")
        }
        let configuration = try await repository.document(manifest.config, limit: repository.limits.document)
        let documents = try ImageDocuments(manifest: document.bytes, configuration: configuration)
        try await layers(documents)
        return try store.addImage(manifest: document.bytes, mediaType: document.descriptor.mediaType, configuration: configuration)
    }

    private func layers(_ documents: ImageDocuments) async throws {
        var seen: Set<Digest> = []
        let layers = documents.layers.filter { seen.insert($0.blob.digest).inserted }
        let most = repository.limits.image.bytes
        let sum = layers.reduce(0) { $1.blob.size > most - $0 || $1.blob.size < 0 ? most + 1 : $0 + $1.blob.size }
        guard sum <= most else { throw RegistryError.tooLarge("what \(repository.reference) consists of", limit: "\(repository.limits.image)") }
        progress(.planned(layers.map(\.blob)))
        var missing: [(diffID: Digest, blob: Descriptor)] = []
        for layer in layers {
            if try store.layer(diffID: layer.diffID, blob: layer.blob) == nil { missing.append(layer) } else { note(layer.blob, .present) }
        }
        // The largest first, so that no long one is left for the end.
        try await forEach(missing.sorted { $0.blob.size > $1.blob.size }, atOnce: repository.limits.transfers) { diffID, blob in
            try await layer(blob, diffID)
        }
        memory?.add([documents.manifest.config.digest] + layers.map(\.blob.digest), of: repository.repository)
    }

    /// One layer: fetched, and made mountable.
    func layer(_ blob: Descriptor, _ diffID: Digest) async throws {
        progress(.began(blob))
        let incoming = try store.incoming(blob)
        try await repository.download(incoming) { [progress] in progress(.advanced(blob.digest, bytes: $0)) }
        try await Self.onThread { [store] in _ = try store.importLayer(incoming, diffID: diffID) }
        note(blob, .transferred)
    }

    private func note(_ blob: Descriptor, _ outcome: TransferOutcome) {
        count.change { $0.add(blob, outcome) }
        progress(.ended(blob, outcome))
    }

    /// What takes long and waits for nothing is no work for the threads that all tasks share.
    private static func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}
