public import IngotModel
internal import SystemPackage

/// Images of one name for several platforms. The store may have only some of an index's images: a registry's index keeps its
/// digest though nobody here needs what it has for other machines.
extension ImageStore {
    /// Writes an index of images that are here, each for the platform that its configuration says. The same images in the same order
    /// give the same digest.
    public func addIndex(of images: [Image]) throws -> Digest {
        let manifests = try images.map { image in
            let configuration = image.configuration
            return Descriptor(
                mediaType: image.manifest.mediaType ?? MediaType.manifest, digest: image.digest, size: try blobs.size(of: image.digest),
                platform: .init(architecture: configuration.architecture, os: configuration.os, variant: configuration.variant))
        }
        return try addIndex(document: CanonicalJSON.encode(ImageIndex(manifests: manifests)), mediaType: MediaType.index)
    }

    /// Keeps an index as others wrote it. Throws `imageInvalid`, and `tooLarge`.
    public func addIndex(document: [UInt8], mediaType: String) throws -> Digest {
        guard document.count <= Self.documentLimit.bytes else { throw StoreError.tooLarge("the index", limit: "\(Self.documentLimit)") }
        return try withSharedLock {
            let digest = ContentHash.digest(of: document)
            _ = try Self.decode(ImageIndex.self, document, digest)
            let descriptor = try blobs.write(document, mediaType: mediaType)
            try TemporaryFile.write([], as: indexPath(descriptor.digest), by: blobs.temporary)
            return descriptor.digest
        }
    }

    /// `nil` when there is no such index. Throws `blobMissing`, `blobChanged`, `imageInvalid`.
    public func index(_ digest: Digest) throws -> ImageIndex? {
        guard Files.exists(indexPath(digest)) else { return nil }
        return try Self.decode(ImageIndex.self, blobs.read(digest, limit: Self.documentLimit), digest)
    }

    /// An image, or the image that an index has for a platform; `nil` when that one is not here.
    public func image(_ digest: Digest, for platform: Descriptor.Platform) throws -> Image? {
        guard let index = try index(digest) else { return Files.exists(imagePath(digest)) ? try image(digest) : nil }
        return try index.manifest(for: platform).flatMap { Files.exists(imagePath($0.digest)) ? try image($0.digest) : nil }
    }

    /// The image itself; of an index that of this machine, or else the first that is here.
    func imageDigest(_ root: Digest) throws -> Digest? {
        guard let index = try index(root) else { return Files.exists(imagePath(root)) ? root : nil }
        let own = index.manifest(for: .host).map { [$0] } ?? []
        return (own + index.manifests).map(\.digest).first { Files.exists(imagePath($0)) }
    }

    /// The images that are here of those that an index names; the root itself when it is an image.
    func imageDigests(below root: Digest) throws -> [Digest] {
        guard let index = try? index(root) else { return [root] }
        return index.manifests.map(\.digest).filter { Files.exists(imagePath($0)) }
    }

    func indexPath(_ digest: Digest) -> FilePath { folder.appending("indexes").appending(digest.hex) }

    func indexDigests() throws -> [Digest] { try Files.names(in: folder.appending("indexes")).compactMap { Digest(hex: $0) } }
}

extension ImageIndex {
    /// What runs on a platform: the same variant, or else one that the platform runs too. An attestation (`unknown/unknown`) is none.
    ///
    /// Source: `containerd/platforms`, `Only`: newer variants of arm run what was made for older ones.
    public func manifest(for platform: Descriptor.Platform) -> Descriptor? {
        let found = manifests.filter { $0.platform?.os == platform.os && $0.platform?.architecture == platform.architecture }
        let wanted = platform.normalized.variant
        if let exact = found.first(where: { $0.platform?.normalized.variant == wanted }) { return exact }
        let level = Descriptor.Platform.level(wanted)
        return found.filter { Descriptor.Platform.level($0.platform?.normalized.variant) < level }
            .max { Descriptor.Platform.level($0.platform?.normalized.variant) < Descriptor.Platform.level($1.platform?.normalized.variant) }
    }
}

extension Descriptor.Platform: CustomStringConvertible {
    /// Without the variant that everybody means: `v8` of `arm64`, `v1` of `amd64`; with the one that is meant, `v7` of `arm`.
    var normalized: Descriptor.Platform {
        var copy = self
        switch (architecture, variant) {
        case ("arm", nil), ("arm", ""): copy.variant = "v7"
        case ("arm64", "v8"), ("amd64", "v1"), (_, ""): copy.variant = nil
        default: break
        }
        return copy
    }

    /// `v7` is 7, and no variant is the lowest.
    fileprivate static func level(_ variant: String?) -> Int { variant.flatMap { Int($0.drop { !$0.isNumber }) } ?? 0 }

    public var description: String { ([os, architecture] + (variant.map { [$0] } ?? [])).joined(separator: "/") }
}
