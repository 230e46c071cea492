public import ImageStore
public import IngotModel

extension ImageStore {
    /// Keeps a bundle beside its image, where cosign looks for it: a document of the bundle's media type. Throws `store.too-many-signed`.
    ///
    /// Source: sigstore/cosign, `pkg/oci/remote/write.go`, `WriteAttestationNewBundleFormat`.
    @discardableResult
    public func addBundle(_ bundle: SigstoreBundle, to image: Digest, predicateType: String) throws -> Referrer {
        try addReferrer(
            to: image, artifactType: SigstoreBundle.mediaType, content: bundle.encode(),
            annotations: ["dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": predicateType])
    }

    /// Keeps a signature in cosign's older form beside its image. A push gives it the tag by which cosign 2 finds it.
    /// Throws `store.too-many-signed`.
    @discardableResult
    public func addSignature(_ signature: SimpleSignature, to image: Digest) throws -> Referrer {
        let subject = try document(image).descriptor
        let config = try writeBlob(Array("{}".utf8), mediaType: MediaType.empty)
        var layer = try writeBlob(signature.payload, mediaType: SimpleSignature.mediaType)
        layer.annotations = [SignedLayer.annotation: Base64.encode(signature.signature)]
        var manifest = ImageManifest(config: config, layers: [layer])
        manifest.artifactType = SimpleSignature.artifactType
        manifest.subject = Descriptor(mediaType: subject.mediaType, digest: image, size: subject.size)
        return try addReferrer(
            to: image, manifest: StrictJSON.encode(manifest), mediaType: MediaType.manifest, parts: [Array("{}".utf8), signature.payload])
    }

    /// What is signed about an image, each document once. One that cannot be read is left out, and so proves nothing.
    ///
    /// - Throws: `gates.attestation-too-large` when there is more than `limits` takes: by what the manifests say, before any of it is read.
    public func signedDocuments(about image: Digest, limits: AttestationLimits = .standard) throws -> [SignedDocument] {
        let layers = try SignedLayer.all(in: referrers(of: image), largest: limits.documentBytes)
        try Self.check(layers, "what is signed about \(image.short)", limits)
        return layers.compactMap { signedDocument(at: $0) }
    }

    private static func check(_ layers: [SignedLayer], _ what: String, _ limits: AttestationLimits) throws {
        guard let limit = SignedLimit.excess(of: layers, documents: limits.bundles, bytes: limits.bundleBytes) else { return }
        throw AttestationError.tooLarge(what, limit: limit)
    }

    private func signedDocument(at layer: SignedLayer) -> SignedDocument? {
        guard let content = content(of: layer.blob) else { return nil }
        guard let signature = layer.signature else { return .bundle(content) }
        return Base64.decode(signature).map { .simple(SimpleSignature(payload: content, signature: $0)) }
    }

    /// `nil` for what is not there, and for what is larger than its manifest says.
    private func content(of blob: Descriptor) -> [UInt8]? { try? readBlob(blob.digest, limit: ByteSize(blob.size)) }

    /// The statements about an image that nobody has signed, of one type: what the builder wrote beside it.
    ///
    /// - Throws: `gates.attestation-too-large` when there are more than `limits` takes: which of them are left out would decide.
    public func unsignedStatements(about image: Digest, predicateType: String, limits: AttestationLimits = .standard) throws -> [Statement] {
        let blobs = try referrers(of: image).filter { $0.artifactType == Statement.payloadType }.compactMap(\.manifest.layers.first)
            .filter { (0...limits.documentBytes).contains($0.size) }
        try Self.check(blobs.map { SignedLayer(blob: $0) }, "what is stated about \(image.short)", limits)
        return blobs.compactMap { blob in
            guard let bytes = content(of: blob), let statement = try? Statement.decode(bytes, limits: limits),
                statement.predicateType == predicateType, statement.isAbout(image)
            else { return nil }
            return statement
        }
    }
}
