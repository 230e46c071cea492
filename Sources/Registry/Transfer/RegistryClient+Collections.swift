internal import FoundationEssentials
public import ImageStore
public import IngotModel

/// Layers and a document about them, in a registry. Nothing in it is trusted: the document is what its digest says, and a layer is checked
/// when it is taken.
public struct RemoteCollection: Sendable {
    public let document: [UInt8]
    /// By what they are said to be when decompressed.
    public let blobs: [Digest: Descriptor]
}

extension RegistryClient {
    /// Reads what was pushed as a collection of that type; `nil` when there is nothing under the name.
    public func collection(_ reference: ImageReference, type: String) async throws -> RemoteCollection? {
        let repository = try repository(reference)
        let found: RemoteRepository.Document
        do { found = try await repository.manifest(reference.manifest) } catch let error as RegistryError where error.reason == .notFound {
            return nil
        }
        guard let manifest = try? JSONDecoder().decode(ImageManifest.self, from: Data(found.bytes)), manifest.config.mediaType == type else {
            throw RegistryError.contentWrong("\(reference)", "it is no '\(type)'")
        }
        let document = try await repository.document(manifest.config, limit: LayerCollection.largestDocument)
        return RemoteCollection(document: document, blobs: LayerCollection.blobs(of: manifest))
    }

    /// Takes one layer of a repository into the store.
    public func layer(_ blob: Descriptor, diffID: Digest, of reference: ImageReference, into store: ImageStore) async throws -> Layer {
        if let known = try store.layer(diffID: diffID, blob: blob) { return known }
        guard (0...options.limits.image.bytes).contains(blob.size) else {
            throw RegistryError.tooLarge("the layer \(diffID.short)", limit: "\(options.limits.image)")
        }
        let lock = try store.sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let pull = ImagePull(repository: try repository(reference), store: store, memory: nil) { _ in }
        try await pull.layer(blob, diffID)
        guard let layer = try store.layer(diffID: diffID, blob: blob) else { throw RegistryError.contentWrong("\(diffID)", "it is gone again") }
        return layer
    }
}
