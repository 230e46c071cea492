public import IngotModel

/// What trusted keys have said of an image.
public struct ProvenStatement: Hashable, Sendable {
    /// `nil` for a signature over the image itself, which says no more than that.
    public var statement: Statement?
    public var predicateType: String
    /// Those of the trusted keys that have signed it.
    public var signers: Set<VerificationKey.ID>

    /// What must be the same for two keys to say the same.
    var saying: [UInt8] {
        guard let statement else { return Array("{}".utf8) }
        return (try? StrictJSON.canonical(statement.predicate)) ?? statement.predicate
    }

    /// A signature over the image itself.
    static func signature(by signers: Set<VerificationKey.ID>) -> ProvenStatement {
        ProvenStatement(statement: nil, predicateType: PredicateType.signature.uri, signers: signers)
    }
}

extension SigstoreBundle {
    /// Checks a bundle: a trusted key must have signed it, and it must be about exactly this image.
    ///
    /// What is signed is not interpreted before its signature has been checked. What it costs is bounded by `limits`: signatures times keys.
    ///
    /// - Parameter keys: those that are trusted. All are tried: the hint in a bundle is anybody's.
    public static func verify(
        _ bytes: [UInt8], subject: Digest, keys: [VerificationKey], limits: AttestationLimits = .standard
    ) throws(BundleRefusal) -> ProvenStatement {
        let bundle: SigstoreBundle
        do { bundle = try decode(bytes, limits: limits) } catch { throw BundleRefusal(.malformed, error.message) }
        guard case .key = bundle.signer else {
            throw BundleRefusal(.keyless, "it is signed with a certificate: keyless signatures are not supported")
        }
        switch bundle.content {
        case .envelope(let envelope): return try verify(envelope, subject: subject, keys: keys, limits)
        case .message(let digest, let signature):
            let signers = try BundleRefusal.signers(keys) { $0.hasSigned(messageOf: digest, signature) }
            guard digest == subject else { throw BundleRefusal(.otherSubject, "it is about another image than \(subject.short)") }
            return .signature(by: signers)
        }
    }

    private static func verify(
        _ envelope: Envelope, subject: Digest, keys: [VerificationKey], _ limits: AttestationLimits
    ) throws(BundleRefusal) -> ProvenStatement {
        let message = envelope.signedBytes
        let signers = try BundleRefusal.signers(keys) { key in envelope.signatures.contains { key.hasSigned(message, $0.bytes) } }
        guard envelope.payloadType == Statement.payloadType else {
            throw BundleRefusal(.payloadType, "it carries '\(envelope.payloadType.prefix(80))', not a statement")
        }
        let statement: Statement
        do { statement = try Statement.decode(envelope.payload, limits: limits) } catch { throw BundleRefusal(.malformed, error.message) }
        guard statement.isAbout(subject) else { throw BundleRefusal(.otherSubject, "it is about another image than \(subject.short)") }
        return ProvenStatement(statement: statement, predicateType: statement.predicateType, signers: signers)
    }
}
