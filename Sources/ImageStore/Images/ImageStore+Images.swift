internal import Glibc
public import IngotModel
internal import SystemPackage

extension ImageStore {
    /// Writes an image of layers that are in the store. Its configuration's list of layers is set from them.
    /// The same values give the same digest.
    public func addImage(_ configuration: ImageConfiguration, layers: [Layer], annotations: [String: String] = [:]) throws -> Image {
        guard layers.count <= Self.layerLimit else { throw StoreError.tooManyLayers(layers.count) }
        return try withSharedLock {
            var configuration = configuration
            configuration.rootfs = .init(diffIDs: layers.map(\.diffID))
            for layer in layers where try self.layer(diffID: layer.diffID) == nil { throw StoreError.layerMissing(layer.diffID) }
            let config = try blobs.write(CanonicalJSON.encode(configuration), mediaType: MediaType.configuration)
            let manifest = ImageManifest(config: config, layers: layers.map(\.blob), annotations: annotations)
            let descriptor = try blobs.write(CanonicalJSON.encode(manifest), mediaType: MediaType.manifest)
            try record(image: descriptor.digest)
            return Image(digest: descriptor.digest, manifest: manifest, configuration: configuration, layers: layers)
        }
    }

    /// Reads an image by its manifest's digest, verified. Throws `blobMissing`, `blobChanged`, `layerMissing`, `imageInvalid`.
    public func image(_ digest: Digest) throws -> Image {
        let (manifest, configuration) = try documents(of: digest)
        guard manifest.layers.count == configuration.rootfs.diffIDs.count else {
            throw StoreError.imageInvalid("\(digest) has \(manifest.layers.count) layers, its configuration \(configuration.rootfs.diffIDs.count)")
        }
        let layers = try zip(configuration.rootfs.diffIDs, manifest.layers).map { diffID, blob in
            guard let layer = try layer(diffID: diffID) else { throw StoreError.layerMissing(diffID) }
            return Layer(diffID: diffID, blob: blob, mountableSize: layer.mountableSize)
        }
        return Image(digest: digest, manifest: manifest, configuration: configuration, layers: layers)
    }

    /// What an image says of itself, verified, without a look at its layers. Throws as `image` does, but for `layerMissing`.
    public func configuration(of digest: Digest) throws -> ImageConfiguration { try documents(of: digest).1 }

    /// All images, the newest first. An image that cannot be read is left out: `image` says why.
    public func images() throws -> [ImageSummary] {
        let tags = try tags().mapValues { Set(try imageDigests(below: $0)) }
        let images = try imageDigests().compactMap { try? image($0) }
        var users: [Digest: Int] = [:]
        for image in images { for diffID in Set(image.layers.map(\.diffID)) { users[diffID, default: 0] += 1 } }
        return images.map { Self.summary($0, tags: tags, users: users) }
            .sorted { ($1.created ?? "", $0.digest) < ($0.created ?? "", $1.digest) }
    }

    private static func summary(_ image: Image, tags: [String: Set<Digest>], users: [Digest: Int]) -> ImageSummary {
        let layers = Dictionary(image.layers.map { ($0.diffID, $0.mountableSize) }, uniquingKeysWith: { first, _ in first })
        let own = layers.filter { users[$0.key] == 1 }.values.reduce(0, +)
        let shared = layers.filter { users[$0.key] != 1 }.values.reduce(0, +)
        return ImageSummary(
            digest: image.digest, tags: tags.filter { $0.value.contains(image.digest) }.map(\.key).sorted(), created: image.configuration.created,
            revision: image.revision, totalSize: own + shared, ownSize: own, sharedSize: shared)
    }

    // MARK: Within

    func documents(of digest: Digest) throws -> (ImageManifest, ImageConfiguration) {
        let manifest = try document(ImageManifest.self, digest, "manifest")
        return (manifest, try document(ImageConfiguration.self, manifest.config.digest, "configuration"))
    }

    private func document<Value: Decodable>(_ type: Value.Type, _ digest: Digest, _ what: String) throws -> Value {
        let bytes = try blobs.read(digest, limit: Self.documentLimit)
        do { return try CanonicalJSON.decode(type, from: bytes) } catch {
            throw StoreError.imageInvalid("\(digest) is not the \(what) of an image", cause: error)
        }
    }

    func record(image digest: Digest) throws {
        let path = imagePath(digest)
        guard !Files.exists(path) else { return }
        try TemporaryFile.write([], as: path, by: blobs.temporary)
    }

    func imagePath(_ digest: Digest) -> FilePath { folder.appending("images").appending(digest.hex) }

    func imageDigests() throws -> [Digest] { try Files.names(in: folder.appending("images")).compactMap { Digest(hex: $0) } }
}
