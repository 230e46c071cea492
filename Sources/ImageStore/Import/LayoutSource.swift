internal import IngotModel
internal import SystemPackage

/// An OCI image layout that somebody else wrote.
struct LayoutSource: Sendable {
    private let files: any ImageFiles

    /// - Parameter name: for messages.
    init(_ files: any ImageFiles, name: String) throws {
        self.files = files
        guard try Self.isLayout(files) else { throw StoreError.imageInvalid("\(name) is no OCI image layout: it has no file 'oci-layout'") }
    }

    init(_ path: FilePath) throws { try self.init(FolderFiles(path), name: path.string) }

    static func isLayout(_ files: any ImageFiles) throws -> Bool {
        guard let marker = try files.file("oci-layout") else { return false }
        return String(decoding: try marker.bytes(limit: 4096), as: UTF8.self).contains("imageLayoutVersion")
    }

    /// The manifest that is meant, through at most one index.
    func manifest(_ reference: String?) throws -> Descriptor {
        guard let found = try files.file("index.json") else { throw StoreError.imageInvalid("the layout has no index.json") }
        let chosen = try choose(in: index(found.bytes(limit: ImageStore.documentLimit.bytes)).manifests, reference)
        guard MediaType.indexes.contains(chosen.mediaType) else { return chosen }
        let inner = try index(document(chosen, MediaType.indexes)).manifests
        guard let first = inner.first(where: \.isOfHost) else {
            let forms = inner.compactMap(\.platform).map { "\($0.os)/\($0.architecture)" }.prefix(10).joined(separator: ", ")
            throw StoreError.imageInvalid("it has no form for linux/\(ImageConfiguration.hostArchitecture), only for \(forms.isEmpty ? "none" : forms)")
        }
        return first
    }

    /// The name that the layout gives to a manifest.
    func names(of manifest: Digest) throws -> [String] {
        guard let found = try files.file("index.json") else { return [] }
        return try index(found.bytes(limit: ImageStore.documentLimit.bytes)).manifests.filter { $0.digest == manifest }
            .compactMap { $0.annotations?[ImageIndex.engineNameAnnotation] ?? $0.annotations?[ImageIndex.nameAnnotation] }
    }

    /// A small document, verified.
    func document(_ descriptor: Descriptor, _ types: Set<String>, limit: ByteSize = ImageStore.documentLimit) throws -> [UInt8] {
        guard types.contains(descriptor.mediaType) else {
            throw StoreError.imageInvalid("\(descriptor.digest.short) is of the type '\(descriptor.mediaType)', not \(types.sorted()[0])")
        }
        let bytes = try blob(descriptor).bytes(limit: limit.bytes)
        guard bytes.count == descriptor.size, ContentHash.digest(of: bytes) == descriptor.digest else { throw mismatch(descriptor) }
        return bytes
    }

    /// Copies a blob, verified.
    func copy(_ descriptor: Descriptor, to target: TemporaryFile) throws {
        let source = try blob(descriptor)
        guard source.size == descriptor.size else { throw mismatch(descriptor) }
        let output = HashedOutput(target)
        try source.forEachChunk { try output.append($0) }
        guard output.hash.digest() == descriptor.digest else { throw mismatch(descriptor) }
    }

    private func index(_ bytes: [UInt8]) throws -> ImageIndex {
        do { return try CanonicalJSON.decode(ImageIndex.self, from: bytes) } catch {
            throw StoreError.imageInvalid("the layout's index cannot be read", cause: error)
        }
    }

    private func choose(in manifests: [Descriptor], _ reference: String?) throws -> Descriptor {
        var found = manifests.filter {
            reference == nil || $0.annotations?[ImageIndex.nameAnnotation] == reference || "\($0.digest)" == reference
                || $0.annotations?[ImageIndex.engineNameAnnotation] == reference
        }
        // Several forms of one image stand side by side: ours is meant.
        if found.count > 1, found.allSatisfy({ $0.platform != nil }) { found = found.filter(\.isOfHost) }
        guard let first = found.first, found.allSatisfy({ $0.digest == first.digest }) else {
            let names = manifests.map { $0.annotations?[ImageIndex.nameAnnotation] ?? "\($0.digest)" }.prefix(10).joined(separator: ", ")
            throw StoreError(
                .ambiguous, "the layout has \(found.count) images\(reference.map { " named '\($0)'" } ?? "")",
                remedy: names.isEmpty ? "export an image into it first" : "name one of: \(names)", fault: .user)
        }
        return first
    }

    private func blob(_ descriptor: Descriptor) throws -> FileContent {
        guard let content = try files.file("blobs/sha256/\(descriptor.digest.hex)") else {
            throw StoreError.imageInvalid("\(descriptor.digest) is not in the layout")
        }
        return content
    }

    private func mismatch(_ descriptor: Descriptor) -> StoreError {
        StoreError.imageInvalid("the content of \(descriptor.digest) is not what its digest and size say")
    }
}

extension Descriptor {
    /// Whether it is what this machine runs.
    var isOfHost: Bool { platform?.os == "linux" && platform?.architecture == ImageConfiguration.hostArchitecture }
}
