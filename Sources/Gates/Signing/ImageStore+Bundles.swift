public import ImageStore
public import IngotModel

extension ImageStore {
    /// Keeps a bundle beside its image, where cosign looks for it: a document of the bundle's media type.
    ///
    /// Source: sigstore/cosign, `pkg/oci/remote/write.go`, `WriteAttestationNewBundleFormat`.
    @discardableResult
    public func addBundle(_ bundle: SigstoreBundle, to image: Digest, predicateType: String) throws -> Referrer {
        try addReferrer(
            to: image, artifactType: SigstoreBundle.mediaType, content: bundle.encode(),
            annotations: ["dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": predicateType])
    }

    /// Keeps a signature in cosign's older form beside its image. A push gives it the tag by which cosign 2 finds it.
    @discardableResult
    public func addSignature(_ signature: SimpleSignature, to image: Digest) throws -> Referrer {
        let subject = try document(image).descriptor
        let config = try writeBlob(Array("{}".utf8), mediaType: MediaType.empty)
        var layer = try writeBlob(signature.payload, mediaType: SimpleSignature.mediaType)
        layer.annotations = [SimpleSignature.annotation: Base64.encode(signature.signature)]
        var manifest = ImageManifest(config: config, layers: [layer])
        manifest.artifactType = SimpleSignature.artifactType
        manifest.subject = Descriptor(mediaType: subject.mediaType, digest: image, size: subject.size)
        return try addReferrer(
            to: image, manifest: StrictJSON.encode(manifest), mediaType: MediaType.manifest, parts: [Array("{}".utf8), signature.payload])
    }

    /// What is signed about an image. A document that cannot be read is left out, and so proves nothing.
    ///
    /// - Throws: `gates.attestation-too-large` when there is more than `limits` takes.
    public func signedDocuments(about image: Digest, limits: AttestationLimits = .standard) throws -> [SignedDocument] {
        let documents = try referrers(of: image).flatMap { signedDocuments(in: $0, limits) }
        guard documents.count <= limits.bundles else {
            throw AttestationError.tooLarge("what is signed about \(image.short)", limit: "\(limits.bundles) bundles")
        }
        return documents
    }

    private func signedDocuments(in referrer: Referrer, _ limits: AttestationLimits) -> [SignedDocument] {
        let layers = referrer.manifest.layers.prefix(limits.bundles + 1)
        switch referrer.artifactType {
        case SigstoreBundle.mediaType where layers.count == 1: return layers.compactMap { content(of: $0, limits).map(SignedDocument.bundle) }
        case SimpleSignature.artifactType:
            return layers.compactMap { layer in
                guard let signature = layer.annotations?[SimpleSignature.annotation].flatMap(Base64.decode), let payload = content(of: layer, limits)
                else { return nil }
                return .simple(SimpleSignature(payload: payload, signature: signature))
            }
        default: return []
        }
    }

    private func content(of layer: Descriptor, _ limits: AttestationLimits) -> [UInt8]? {
        guard layer.size <= limits.documentBytes else { return nil }
        return try? readBlob(layer.digest, limit: ByteSize(limits.documentBytes))
    }

    /// The statements about an image that nobody has signed, of one type: what the builder wrote beside it.
    ///
    /// - Throws: `gates.attestation-too-large` when there are more than `limits` takes: which of them are left out would decide.
    public func unsignedStatements(about image: Digest, predicateType: String, limits: AttestationLimits = .standard) throws -> [Statement] {
        let documents = try referrers(of: image).filter { $0.artifactType == Statement.payloadType }
        guard documents.count <= limits.bundles else {
            throw AttestationError.tooLarge("what is stated about \(image.short)", limit: "\(limits.bundles) statements")
        }
        return documents.compactMap { document in
            guard let layer = document.manifest.layers.first, let bytes = content(of: layer, limits),
                let statement = try? Statement.decode(bytes, limits: limits), statement.predicateType == predicateType, statement.isAbout(image)
            else { return nil }
            return statement
        }
    }
}
