public import IngotModel
internal import SystemPackage

/// A document about an image, beside it: an attestation, a report. It is a manifest of its own that names the image, so
/// the image's digest does not move. Source: OCI Image Specification 1.1, "Manifest with subject".
public struct Referrer: Hashable, Sendable {
    /// Of its manifest.
    public var digest: Digest
    public var manifest: ImageManifest
    /// What kind of document it is: a media type.
    public var artifactType: String { manifest.artifactType ?? manifest.config.mediaType }
}

extension ImageStore {
    /// Stores a document about an image. The same document of the same kind is the same referrer. It goes with its image. Throws `tooManySigned`.
    @discardableResult
    public func addReferrer(to image: Digest, artifactType: String, content: [UInt8], annotations: [String: String] = [:]) throws -> Referrer {
        try withSharedLock {
            guard Files.exists(imagePath(image)) else { throw StoreError.blobMissing(image) }
            let (subject, _) = try documents(of: image)
            let config = try blobs.write(Array("{}".utf8), mediaType: MediaType.empty)
            let document = try blobs.write(content, mediaType: artifactType)
            var manifest = ImageManifest(config: config, layers: [document], annotations: annotations)
            manifest.artifactType = artifactType
            manifest.subject = Descriptor(mediaType: subject.mediaType ?? MediaType.manifest, digest: image, size: try blobs.size(of: image))
            let descriptor = try blobs.write(CanonicalJSON.encode(manifest), mediaType: MediaType.manifest)
            try attach(descriptor.digest, to: image)
            return Referrer(digest: descriptor.digest, manifest: manifest)
        }
    }

    /// Keeps a document about an image as others wrote it: its manifest, and what that names, in the manifest's order. Throws `imageInvalid`
    /// when it is about something else, or a part is not what the manifest says, and `tooManySigned`.
    @discardableResult
    public func addReferrer(to image: Digest, manifest document: [UInt8], mediaType: String, parts: [[UInt8]]) throws -> Referrer {
        try withSharedLock {
            guard Files.exists(imagePath(image)) else { throw StoreError.blobMissing(image) }
            let manifest = try Self.decode(ImageManifest.self, document, ContentHash.digest(of: document))
            let named = [manifest.config] + manifest.layers
            guard manifest.subject?.digest == image, named.map(\.digest) == parts.map(ContentHash.digest(of:)) else {
                throw StoreError.imageInvalid("a document that came with it is not about it, or is damaged")
            }
            for (descriptor, bytes) in zip(named, parts) { _ = try blobs.write(bytes, mediaType: descriptor.mediaType) }
            let descriptor = try blobs.write(document, mediaType: mediaType)
            try attach(descriptor.digest, to: image)
            return Referrer(digest: descriptor.digest, manifest: manifest)
        }
    }

    /// The documents about an image, in the order of digests. One that cannot be read is left out.
    public func referrers(of image: Digest) throws -> [Referrer] {
        try Files.names(in: referrersPath(image)).compactMap { Digest(hex: $0).flatMap { referrer($0, of: image) } }
    }

    /// Whether there is such a document beside an image. It is not read.
    func hasReferrer(_ digest: Digest, of image: Digest) -> Bool { Files.exists(referrersPath(image).appending(digest.hex)) }

    private func referrer(_ digest: Digest, of image: Digest) -> Referrer? {
        guard let bytes = try? blobs.read(digest, limit: Self.documentLimit),
            let manifest = try? CanonicalJSON.decode(ImageManifest.self, from: bytes), manifest.subject?.digest == image
        else { return nil }
        return Referrer(digest: digest, manifest: manifest)
    }

    /// Puts a document that is here beside the image that it is about, when that is an image of the store. Throws `tooManySigned`.
    func noteReferrer(_ digest: Digest, of image: Digest) throws {
        guard Files.exists(imagePath(image)) else { return }
        try attach(digest, to: image)
    }

    /// Puts a document that is here beside its image. One at a time, so that of two for which there is one place one is refused. Throws `tooManySigned`.
    func attach(_ digest: Digest, to image: Digest) throws {
        let path = referrersPath(image).appending(digest.hex)
        try alone(by: "attaching") {
            guard !Files.exists(path) else { return }
            try checkRoom(for: [digest], beside: image)
            try Files.makeFolder(referrersPath(image), mode: 0o700)
            try TemporaryFile.write([], as: path, by: blobs.temporary)
        }
    }

    /// Throws `tooManySigned` when with these documents more would be signed about an image than is ever read: nothing takes one away again.
    func checkRoom(for documents: [Digest], beside image: Digest) throws {
        let new = documents.compactMap { referrer($0, of: image) }
        guard !SignedLayer.all(in: new).isEmpty else { return }
        guard let limit = try SignedLimit.excess(of: SignedLayer.all(in: referrers(of: image) + new)) else { return }
        throw StoreError.tooManySigned(image, limit: limit)
    }

    func removeReferrers(except images: Set<Digest>) throws {
        for name in try Files.names(in: folder.appending("referrers")) {
            guard let image = Digest(hex: name), !images.contains(image) else { continue }
            for referrer in try Files.names(in: referrersPath(image)) { try Files.remove(referrersPath(image).appending(referrer)) }
            try Files.removeEmptyFolder(referrersPath(image))
        }
    }

    private func referrersPath(_ image: Digest) -> FilePath { folder.appending("referrers").appending(image.hex) }
}
