internal import IngotModel

/// Something beside an image that somebody has signed, as it was found: nothing of it is checked yet.
public enum SignedDocument: Hashable, Sendable {
    case bundle([UInt8])
    case simple(SimpleSignature)

    /// Checks it against one image.
    func verify(subject: Digest, keys: [VerificationKey], limits: AttestationLimits) throws(BundleRefusal) -> ProvenStatement {
        switch self {
        case .bundle(let bytes): try SigstoreBundle.verify(bytes, subject: subject, keys: keys, limits: limits)
        case .simple(let signature): try signature.verify(subject: subject, keys: keys, limits: limits)
        }
    }
}
