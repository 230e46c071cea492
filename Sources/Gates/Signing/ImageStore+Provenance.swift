internal import FoundationEssentials
public import ImageStore
public import IngotModel

/// What a statement says of how an image was built. It is a claim: no signature is checked.
public struct ProvenanceClaim: Hashable, Sendable {
    /// Who built it, a URI; `nil` where the statement does not say.
    public var builder: String?

    /// Whether Ingot is said to have built it. Its builder notes in the manifest on what image it stands, and gives it its commit's time.
    public var isOfIngot: Bool { builder == "urn:ingot:builder" }
}

extension ImageStore {
    /// How an image was built, as statements about exactly this image say, whether signed or not.
    ///
    /// - Throws: `gates.attestation-too-large` when there are too many.
    public func provenance(of image: Digest) throws -> [ProvenanceClaim] {
        let unsigned = try ProvenanceClaim.types.flatMap { try unsignedStatements(about: image, predicateType: $0) }
        let signed = try signedDocuments(about: image).compactMap(\.statement)
            .filter { ProvenanceClaim.types.contains($0.predicateType) && $0.isAbout(image) }
        return (unsigned + signed).map { ProvenanceClaim($0) }
    }
}

extension ProvenanceClaim {
    fileprivate static let types = [PredicateType.provenance.uri, "https://slsa.dev/provenance/v0.2"]

    /// Source: SLSA 1.0, Provenance, `runDetails.builder.id`; SLSA 0.2, Provenance, `builder.id`.
    private struct Form: Decodable {
        struct Builder: Decodable { var id: String? }
        struct Run: Decodable { var builder: Builder? }
        var runDetails: Run?
        var builder: Builder?
    }

    fileprivate init(_ statement: Statement) {
        let form = try? JSONDecoder().decode(Form.self, from: Data(statement.predicate))
        builder = form?.runDetails?.builder?.id ?? form?.builder?.id
    }
}

extension SignedDocument {
    /// What stands in it, whoever has signed it.
    fileprivate var statement: Statement? {
        guard case .bundle(let bytes) = self, let bundle = try? SigstoreBundle.decode(bytes), case .envelope(let envelope) = bundle.content,
            envelope.payloadType == Statement.payloadType
        else { return nil }
        return try? Statement.decode(envelope.payload)
    }
}
