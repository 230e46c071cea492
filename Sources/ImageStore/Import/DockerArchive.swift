internal import IngotModel
internal import SystemPackage

/// What `docker save` and `podman save` write: `manifest.json`, a configuration, and an archive of each layer.
///
/// Source: Docker Image Specification 1.2, "Combined Image JSON + Filesystem Changeset Format".
struct DockerArchive {
    let files: any ImageFiles
    let configuration: [UInt8]
    let layers: [String]
    let names: [String]

    /// `nil` when there is no `manifest.json`.
    init?(_ files: any ImageFiles, reference: String?) throws {
        guard let found = try files.file("manifest.json") else { return nil }
        let bytes = try found.bytes(limit: ImageStore.documentLimit.bytes)
        guard let manifests = try? CanonicalJSON.decode([DockerManifest].self, from: bytes) else {
            throw StoreError.imageInvalid("its manifest.json cannot be read")
        }
        let manifest = try Self.choose(manifests, reference)
        guard let document = try files.file(manifest.config) else { throw StoreError.imageInvalid("it has no '\(manifest.config.prefix(100))'") }
        self.files = files
        configuration = try document.bytes(limit: ImageStore.documentLimit.bytes)
        layers = manifest.layers
        names = manifest.names ?? []
        // The file is named for what it holds.
        let name = manifest.config.split(separator: "/").last.map { $0.split(separator: ".").first ?? "" } ?? ""
        if let digest = Digest(hex: name), ContentHash.digest(of: configuration) != digest {
            throw StoreError.imageInvalid("its configuration is not \(digest), as its name says")
        }
    }

    private static func choose(_ manifests: [DockerManifest], _ reference: String?) throws -> DockerManifest {
        let found = manifests.filter { manifest in reference.map { manifest.isNamed($0) } ?? true }
        if found.count == 1 { return found[0] }
        let names = manifests.flatMap { $0.names ?? [] }.prefix(10).joined(separator: ", ")
        throw StoreError(
            .ambiguous, "the archive has \(found.count) images\(reference.map { " named '\($0)'" } ?? "")",
            remedy: names.isEmpty ? "save one image" : "name one of: \(names)", fault: .user)
    }
}

extension DockerManifest {
    /// Whether people would call it so: `shop` is `docker.io/library/shop:latest` too.
    func isNamed(_ name: String) -> Bool {
        let tagged = Self.tagged(name)
        return ["", "docker.io/", "docker.io/library/"].contains { names?.contains($0 + tagged) ?? false }
    }
}

extension ImageStore {
    func importDocker(_ source: DockerArchive, _ limits: ArchiveLimits) throws -> Image {
        let digest = ContentHash.digest(of: source.configuration)
        let configuration = try Self.decode(ImageConfiguration.self, source.configuration, digest)
        try Self.check(configuration, layers: source.layers.count)
        let layers = try zip(source.layers, configuration.rootfs.diffIDs).map { path, diffID in
            try importDockerLayer(path, diffID, source.files, limits)
        }
        let config = try blobs.write(source.configuration, mediaType: MediaType.configuration)
        let manifest = ImageManifest(config: config, layers: layers.map(\.blob))
        let descriptor = try blobs.write(CanonicalJSON.encode(manifest), mediaType: MediaType.manifest)
        try record(image: descriptor.digest)
        return try image(descriptor.digest)
    }

    /// The layer's archive is compressed as our own are: its diffID is what the image names it by.
    private func importDockerLayer(_ path: String, _ diffID: Digest, _ files: any ImageFiles, _ limits: ArchiveLimits) throws -> Layer {
        if try record(of: diffID) != nil { return try layer(diffID: diffID, compressedAs: .gzip) }
        guard let content = try files.file(path) else { throw StoreError.imageInvalid("it has no layer '\(path.prefix(100))'") }
        let copy = try TemporaryFile(in: blobs.temporary)
        let output = HashedOutput(copy)
        try content.forEachChunk { try output.append($0) }
        let plain = Descriptor(mediaType: MediaType.layer, digest: output.hash.digest(), size: output.hash.count)
        var (erofs, record) = try makeErofs(of: copy.file, plain, diffID, limits)
        record.blob = try compress(copy.file, diffID, .gzip, limits)
        return try keep(record, erofs)
    }
}
