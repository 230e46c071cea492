internal import FoundationEssentials
internal import ImageStore
public import IngotModel

/// A signature in the form of cosign before bundles, which `cosign verify` of cosign 2 looks for. It says that somebody signed the image, no more.
///
/// Source: sigstore/cosign, `specs/SIGNATURE_SPEC.md`; containers/image, "atomic signature" for the payload.
public struct SimpleSignature: Hashable, Sendable {
    /// Of the manifest that holds it.
    public static let artifactType = SignedLayer.signatureType
    public static let mediaType = "application/vnd.dev.cosign.simplesigning.v1+json"
    static let type = "cosign container image signature"

    public var payload: [UInt8]
    public var signature: [UInt8]

    struct Payload: Codable {
        struct Critical: Codable {
            struct Identity: Codable {
                var reference: String?
                private enum CodingKeys: String, CodingKey { case reference = "docker-reference" }
            }
            struct Image: Codable {
                var digest: Digest
                private enum CodingKeys: String, CodingKey { case digest = "docker-manifest-digest" }
            }
            var identity: Identity
            var image: Image
            var type: String
        }
        var critical: Critical
    }

    /// Signs an image. It names no repository: the image may be in several.
    public static func sign(_ image: Digest, by signer: some Signer) async throws -> SimpleSignature {
        let critical = Payload.Critical(identity: .init(reference: ""), image: .init(digest: image), type: type)
        let payload = try StrictJSON.encode(Payload(critical: critical))
        return SimpleSignature(payload: payload, signature: try await signer.signature(of: payload))
    }

    func verify(subject: Digest, keys: [VerificationKey], limits: AttestationLimits) throws(BundleRefusal) -> ProvenStatement {
        let signers = try BundleRefusal.signers(keys) { $0.hasSigned(payload, signature) }
        let said: Payload
        do { said = try StrictJSON.decode(Payload.self, from: payload, "a signature's payload", limits: limits) } catch {
            throw BundleRefusal(.malformed, error.message)
        }
        guard said.critical.type == Self.type else { throw BundleRefusal(.payloadType, "it is no signature of an image") }
        guard said.critical.image.digest == subject else { throw BundleRefusal(.otherSubject, "it is about another image than \(subject.short)") }
        return .signature(by: signers)
    }
}
