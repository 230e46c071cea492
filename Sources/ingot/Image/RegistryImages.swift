import ImageBuild
import ImageStore
import IngotModel
import Registry

/// Registries for the builder.
struct RegistryImages: RemoteImages {
    let options: RegistryOptions

    func storeName(of name: String) -> String? { (try? ImageReference(name)).map { "\($0)" } }

    func pull(_ name: String, for platform: Platform, into store: ImageStore) async throws -> Image {
        let reference = try ImageReference(name)
        let pulled = try await RegistryClient.with(options) {
            try await $0.pull(reference, platforms: [platform.descriptor], as: "\(reference)", into: store)
        }
        return pulled.images[0]
    }

    func push(_ image: Digest, to name: String, from store: ImageStore) async throws {
        let reference = try ImageReference(name)
        _ = try await RegistryClient.with(options) { try await $0.push(image, to: reference, from: store) }
    }

    func collection(_ name: String, type: String) async throws -> RemoteLayers? {
        let reference = try ImageReference(name)
        let found = try await RegistryClient.with(options) { try await $0.collection(reference, type: type) }
        return found.map { RemoteLayers(document: $0.document, blobs: $0.blobs) }
    }

    func pushCollection(_ layers: [Layer], document: [UInt8], type: String, to name: String, from store: ImageStore) async throws {
        let reference = try ImageReference(name)
        let collection = try store.collectionDocument(layers, document: document, type: type)
        try await RegistryClient.with(options) { try await $0.push(document: collection, to: reference, from: store) }
    }

    func layer(_ blob: Descriptor, diffID: Digest, of name: String, into store: ImageStore) async throws -> Layer {
        let reference = try ImageReference(name)
        return try await RegistryClient.with(options) { try await $0.layer(blob, diffID: diffID, of: reference, into: store) }
    }
}
