public import ImageStore
public import IngotModel

/// What a push left in a registry.
public struct PushedImage: Hashable, Sendable {
    /// Of the image or index, there as here.
    public var digest: Digest
    public var count: TransferCount
    /// Documents about the image that went with it.
    public var referrers: Int
}

extension RegistryClient {
    /// Sends an image, or an index with all of its images, and the documents about them. Blobs go side by side; one that the registry has,
    /// in this repository or another that is known, is not sent. The document that is named comes last, so that nobody finds an image
    /// that is not whole.
    ///
    /// - Throws: `RegistryError`, `StoreError`, `CancellationError`.
    public func push(
        _ digest: Digest, to reference: ImageReference, from store: ImageStore, progress: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> PushedImage {
        if let wanted = reference.digest, wanted != digest {
            throw RegistryError(
                .referenceInvalid, "\(reference) names another image than \(digest)", remedy: "leave the digest away", fault: .user)
        }
        let lock = try store.sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let push = ImagePush(
            repository: try repository(reference, isPush: true), store: store, memory: memory(reference.host), progress: progress)
        let root = try store.document(digest)
        let images = try root.manifests.map { try push.part($0, of: digest) }
        let referrers = try (images.isEmpty ? [root] : images).flatMap { try store.referrers(of: $0.descriptor.digest) }
            .map { try store.document($0.digest) }
        try await push.blobs(of: [root] + images + referrers)
        for image in images { try await push.repository.put(image, as: "\(image.descriptor.digest)") }
        try await push.repository.put(root, as: reference.tag ?? "\(digest)")
        for document in referrers { try await push.repository.attach(document) }
        for image in images.isEmpty ? [root] : images {
            try await push.repository.tagSignatures(in: referrers, of: image.descriptor.digest)
        }
        return PushedImage(digest: digest, count: push.counted, referrers: referrers.count)
    }

    /// Sends a document that is no image, with its blobs.
    public func push(
        document: StoredDocument, to reference: ImageReference, from store: ImageStore,
        progress: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws {
        let lock = try store.sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let push = ImagePush(
            repository: try repository(reference, isPush: true), store: store, memory: memory(reference.host), progress: progress)
        try await push.blobs(of: [document])
        try await push.repository.put(document, as: reference.tag ?? "\(document.descriptor.digest)")
    }
}

/// Documents on their way to a registry.
struct ImagePush: Sendable {
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

    /// One image of an index.
    func part(_ descriptor: Descriptor, of index: Digest) throws -> StoredDocument {
        guard store.contains(descriptor.digest) else {
            let platform = descriptor.platform.map { " for \($0)" } ?? ""
            throw RegistryError(
                .incomplete, "the index \(index.short) has an image\(platform) that is not in the store",
                remedy: "pull that one too (ingot image pull --platform), or push one image by its digest", fault: .user)
        }
        return try store.document(descriptor.digest)
    }

    func blobs(of documents: [StoredDocument]) async throws {
        var seen: Set<Digest> = []
        let blobs = documents.flatMap(\.blobs).filter { seen.insert($0.digest).inserted }
        progress(.planned(blobs))
        let sources = memory?.sources(of: blobs.map(\.digest)) ?? [:]
        try await forEach(blobs.sorted { $0.size > $1.size }, atOnce: repository.limits.transfers) { blob in
            progress(.began(blob))
            let stored = try store.openBlob(blob)
            let outcome = try await repository.upload(stored, from: sources[blob.digest]) { [progress] in
                progress(.advanced(blob.digest, bytes: $0))
            }
            count.change { $0.add(blob, outcome) }
            progress(.ended(blob, outcome))
        }
        memory?.add(blobs.map(\.digest), of: repository.repository)
    }
}
