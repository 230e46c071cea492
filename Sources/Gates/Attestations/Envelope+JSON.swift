extension Envelope {
    /// Reads an envelope.
    ///
    /// - Throws: `gates.attestation-malformed`, `gates.attestation-too-large`.
    public static func decode(_ bytes: [UInt8], limits: AttestationLimits = .standard) throws(GateError) -> Envelope {
        let document = try StrictDocument(bytes, what, keys: ["payload", "payloadType", "signatures"], limits: limits)
        let entries: [[String: String]] = try document.value("signatures")
        guard !entries.isEmpty else { throw AttestationError.malformed(what, "it has no signature") }
        guard entries.count <= limits.signatures else { throw AttestationError.tooLarge(what, limit: "\(limits.signatures) signatures") }
        let payloadType: String = try document.value("payloadType")
        let payload = try document.base64("payload")
        var signatures: [Signature] = []
        for entry in entries { signatures.append(try signature(entry)) }
        return Envelope(payloadType: payloadType, payload: payload, signatures: signatures)
    }

    private static let what = "the envelope"

    private static func signature(_ entry: [String: String]) throws(GateError) -> Signature {
        guard Set(entry.keys).isSubset(of: ["sig", "keyid"]), let text = entry["sig"], let bytes = Base64.decode(text), !bytes.isEmpty else {
            throw AttestationError.malformed(what, "one of its signatures is none")
        }
        return Signature(keyID: entry["keyid"], bytes: bytes)
    }

    /// The form in JSON, to be encoded.
    struct Form: Encodable {
        struct Entry: Encodable {
            var keyid: String?
            var sig: String
        }
        var payload: String
        var payloadType: String
        var signatures: [Entry]
    }

    var form: Form {
        Form(
            payload: Base64.encode(payload), payloadType: payloadType,
            signatures: signatures.map { Form.Entry(keyid: $0.keyID, sig: Base64.encode($0.bytes)) })
    }
}
