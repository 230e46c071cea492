public import ImageStore
public import IngotModel

/// Registries, as a build needs them. The builder knows the store and no network but downloads; whoever starts it gives it this.
public protocol RemoteImages: Sendable {
    /// What the store calls the image of a registry that a name means; `nil` when the name can be of no registry.
    func storeName(of name: String) -> String?

    /// Takes the image of that name for a platform into the store, under its ``storeName(of:)``.
    func pull(_ name: String, for platform: Platform, into store: ImageStore) async throws -> Image

    /// Sends an image or an index with all that it needs.
    func push(_ image: Digest, to name: String, from store: ImageStore) async throws

    /// The layers and the document that were left there; `nil` when there is nothing of the name.
    func collection(_ name: String, type: String) async throws -> RemoteLayers?

    /// Leaves layers and a document there.
    func pushCollection(_ layers: [Layer], document: [UInt8], type: String, to name: String, from store: ImageStore) async throws

    /// Takes one layer of a collection into the store, checked.
    func layer(_ blob: Descriptor, diffID: Digest, of name: String, into store: ImageStore) async throws -> Layer
}

/// Layers that somebody left in a registry, with a document about them.
public struct RemoteLayers: Sendable {
    public var document: [UInt8]
    /// By what they are said to be when decompressed.
    public var blobs: [Digest: Descriptor]

    public init(document: [UInt8], blobs: [Digest: Descriptor]) {
        self.document = document
        self.blobs = blobs
    }
}
