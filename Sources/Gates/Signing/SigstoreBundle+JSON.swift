internal import IngotModel

extension SigstoreBundle {
    /// Reads a bundle. Entries of a transparency log and timestamps are passed over: a trusted key needs neither.
    ///
    /// - Throws: `gates.attestation-malformed`, `gates.attestation-too-large`.
    public static func decode(_ bytes: [UInt8], limits: AttestationLimits = .standard) throws(GateError) -> SigstoreBundle {
        let document = try StrictDocument(bytes, what, keys: keys, limits: limits)
        let mediaType: String = try document.value("mediaType")
        guard mediaTypes.contains(mediaType) else {
            throw AttestationError.malformed(what, "its media type is '\(mediaType.prefix(120))', not \(Self.mediaType)")
        }
        let signer = try signer(document.document("verificationMaterial", keys: materialKeys))
        return SigstoreBundle(signer: signer, content: try content(document, limits))
    }

    public func encode() throws(GateError) -> [UInt8] {
        do { return try StrictJSON.encode(Form(self)) } catch {
            throw AttestationError.malformed(Self.what, "it has no form in JSON", cause: error)
        }
    }

    private static let what = "the bundle"
    private static let keys: Set = ["mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"]
    private static let materialKeys: Set = ["publicKey", "certificate", "x509CertificateChain", "tlogEntries", "timestampVerificationData"]

    private static func signer(_ material: StrictDocument) throws(GateError) -> Signer {
        let kinds = ["publicKey", "certificate", "x509CertificateChain"].filter(material.has)
        guard kinds.count == 1 else { throw AttestationError.malformed(what, "it names \(kinds.count) signers, not one") }
        guard kinds == ["publicKey"] else { return .certificate }
        let key = try material.document("publicKey", keys: ["hint"])
        return .key(hint: key.has("hint") ? try key.value("hint") : "")
    }

    private static func content(_ document: StrictDocument, _ limits: AttestationLimits) throws(GateError) -> Content {
        switch (document.bytes("dsseEnvelope"), document.has("messageSignature")) {
        case (let envelope?, false): return .envelope(try Envelope.decode(envelope, limits: limits))
        case (nil, true): return try message(document.document("messageSignature", keys: ["messageDigest", "signature"]))
        case (_, let both): throw AttestationError.malformed(what, both ? "it signs two things" : "it signs nothing")
        }
    }

    private static func message(_ message: StrictDocument) throws(GateError) -> Content {
        let digest = try message.document("messageDigest", keys: ["algorithm", "digest"])
        let algorithm: String = try digest.value("algorithm")
        let bytes = try digest.base64("digest")
        guard algorithm == "SHA2_256", bytes.count == 32 else {
            throw AttestationError.malformed(what, "its digest is not SHA2_256 but '\(algorithm.prefix(40))'")
        }
        let signature = try message.base64("signature")
        guard !signature.isEmpty else { throw AttestationError.malformed(what, "its signature is empty") }
        return .message(Digest(bytes: bytes), signature: signature)
    }
}

/// The form in JSON, to be encoded: what Ingot makes is always an envelope under a key.
private struct Form: Encodable {
    struct Material: Encodable {
        struct Key: Encodable {
            var hint: String
        }
        var publicKey: Key
        /// None. Sigstore's Python demands the list all the same.
        var tlogEntries: [String] = []
    }
    struct Message: Encodable {
        struct Digest: Encodable {
            var algorithm = "SHA2_256"
            var digest: String
        }
        var messageDigest: Digest
        var signature: String
    }

    var dsseEnvelope: Envelope.Form?
    var mediaType = SigstoreBundle.mediaType
    var messageSignature: Message?
    var verificationMaterial: Material

    init(_ bundle: SigstoreBundle) throws(GateError) {
        guard case .key(let hint) = bundle.signer else { throw AttestationError.malformed("the bundle", "Ingot writes none with a certificate") }
        verificationMaterial = Material(publicKey: Material.Key(hint: hint))
        switch bundle.content {
        case .envelope(let envelope): dsseEnvelope = envelope.form
        case .message(let digest, let signature):
            messageSignature = Message(messageDigest: .init(digest: Base64.encode(KnownDigest(digest).bytes)), signature: Base64.encode(signature))
        }
    }
}
