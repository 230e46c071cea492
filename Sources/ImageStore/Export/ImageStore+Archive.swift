public import IngotModel
internal import SystemPackage

/// Which tools an archive of an image is for.
public enum ImageArchiveFormat: String, Hashable, Sendable, Codable, CaseIterable {
    /// An OCI image layout in one file: `skopeo`'s and `podman`'s `oci-archive`.
    case oci
    /// The same with `manifest.json` of Docker beside: for `docker load`, `podman load` and `skopeo`'s `docker-archive`.
    case docker
}

extension ImageStore {
    /// Writes an image as one file. The same image, names and compression give the same bytes.
    ///
    /// - Parameters:
    ///   - names: for Docker with a tag, `shop:1.4`; `latest` is added where there is none. In an OCI archive the first
    ///     one names the image.
    ///   - compression: of the layers; as they are when `nil`. Docker before 23.0 reads no zstd.
    /// - Returns: the digest of the manifest that was written: the image's own, unless the compression changed it.
    @discardableResult
    public func exportArchive(
        _ image: Digest, as format: ImageArchiveFormat, to target: ArchiveTarget, names: [String] = [], compression: LayerCompression? = nil
    ) throws -> Digest {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        // Docker loads one image.
        let exported = try exported(format == .docker ? imageDigest(image) ?? image : image, compression)
        try target.write { sink in
            let writer = TarWriter(sink)
            try writeBlobs(of: exported, writer)
            try writer.addFile("index.json", CanonicalJSON.encode(Self.index(of: exported, names, format)))
            if format == .docker { try writer.addFile("manifest.json", CanonicalJSON.encode([DockerManifest(exported, names)])) }
            try writer.addFile("oci-layout", Array(OCILayout.marker.utf8))
            try writer.end()
        }
        return exported.descriptor.digest
    }

    private func writeBlobs(of image: ExportedImage, _ writer: TarWriter) throws {
        for folder in ["blobs", "blobs/sha256"] { try writer.addFolder(folder) }
        let documents = Dictionary(image.documents.map { ($0.digest, $0.bytes) }) { first, _ in first }
        let blobs = Dictionary(image.blobs.map { ($0.digest, $0) }) { first, _ in first }
        for digest in Set(documents.keys).union(blobs.keys).sorted() {
            let path = "blobs/sha256/\(digest.hex)"
            if let bytes = documents[digest] {
                try writer.addFile(path, bytes)
            } else if let blob = blobs[digest] {
                try write(blob, as: path, writer)
            }
        }
    }

    /// Verified on the way: what was changed on disk does not go out under its old name.
    private func write(_ blob: Descriptor, as path: String, _ writer: TarWriter) throws {
        let file = try blobs.open(blob.digest)
        guard try file.size() == blob.size else { throw StoreError.blobChanged(blob.digest, at: file.path) }
        var hash = ContentHash()
        try writer.append(TarHeader(path: Array(path.utf8), kind: .regular, metadata: FileMetadata(mode: 0o644), size: blob.size))
        try writer.add(FileContent(source: .open(file, offset: 0), size: blob.size)) { hash.update($0) }
        guard hash.digest() == blob.digest else { throw StoreError.blobChanged(blob.digest, at: file.path) }
    }

    private static func index(of image: ExportedImage, _ names: [String], _ format: ImageArchiveFormat) -> ImageIndex {
        var descriptor = image.descriptor
        if let name = names.first {
            descriptor.annotations = [ImageIndex.nameAnnotation: name]
            if format == .docker { descriptor.annotations?[ImageIndex.engineNameAnnotation] = DockerManifest.tagged(name) }
        }
        return ImageIndex(manifests: [descriptor])
    }
}

/// One image of `manifest.json`. Source: Docker Image Specification 1.2, "Combined Image JSON + Filesystem Changeset Format".
struct DockerManifest: Codable {
    var config: String
    var names: [String]?
    var layers: [String]

    enum CodingKeys: String, CodingKey {
        case config = "Config"
        case names = "RepoTags"
        case layers = "Layers"
    }

    init(_ image: ExportedImage, _ names: [String]) {
        config = "blobs/sha256/\(image.configuration.digest.hex)"
        self.names = names.map(Self.tagged)
        layers = image.layers.map { "blobs/sha256/\($0.digest.hex)" }
    }

    /// Docker takes only names that have a tag.
    static func tagged(_ name: String) -> String {
        let last = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return last.contains(":") ? name : "\(name):latest"
    }
}
