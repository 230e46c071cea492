/// What can sign: a key here, or a command that reaches one elsewhere.
public protocol Signer: Sendable {
    var verificationKey: VerificationKey { get }

    /// An ECDSA signature in DER over the SHA-256 of the message.
    func signature(of message: [UInt8]) async throws -> [UInt8]
}

extension Signer {
    /// Signs a statement, as a bundle.
    public func sign(_ statement: Statement) async throws -> SigstoreBundle {
        let payload = try statement.encode()
        let message = Envelope.signedBytes(payloadType: Statement.payloadType, payload: payload)
        let signature = Envelope.Signature(keyID: nil, bytes: try await signature(of: message))
        let envelope = Envelope(payloadType: Statement.payloadType, payload: payload, signatures: [signature])
        return SigstoreBundle(signer: .key(hint: verificationKey.id), content: .envelope(envelope))
    }
}
