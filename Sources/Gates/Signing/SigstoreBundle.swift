internal import ImageStore
public import IngotModel

/// One signature with all that is needed to check it, but the key.
///
/// Source: sigstore/protobuf-specs, `sigstore_bundle.proto`, v0.3, in the JSON form of protocol buffers.
public struct SigstoreBundle: Hashable, Sendable {
    public static let mediaType = SignedLayer.bundleType
    /// Another way to write the same.
    static let mediaTypes: Set = [mediaType, "application/vnd.dev.sigstore.bundle+json;version=0.3"]

    /// Who is said to have signed. The bundle says so; only a check with a trusted key shows it.
    public enum Signer: Hashable, Sendable {
        /// Somebody with a key that the verifier is to know; the hint is of the signer's choice.
        case key(hint: String)
        /// Somebody with a certificate that an authority made out for this one signature.
        case certificate
    }

    public enum Content: Hashable, Sendable {
        case envelope(Envelope)
        /// A signature over the bytes of what has this digest.
        case message(Digest, signature: [UInt8])
    }

    public var signer: Signer
    public var content: Content

    public init(signer: Signer, content: Content) {
        self.signer = signer
        self.content = content
    }
}
