internal import FoundationEssentials
internal import IngotModel

internal import enum Crypto.P256

/// The public half of a key: ECDSA on the curve P-256, with SHA-256.
public struct VerificationKey: Hashable, Sendable, Identifiable {
    /// Base64 of the SHA-256 of `der`, which cosign writes as a bundle's hint.
    public let id: String
    /// SubjectPublicKeyInfo. Source: RFC 5480.
    public let der: [UInt8]

    init(_ key: P256.Signing.PublicKey) {
        der = Array(key.derRepresentation)
        id = Base64.encode(KnownDigest(of: der).bytes)
    }

    /// Reads a `PUBLIC KEY` in PEM, as cosign and OpenSSL write it.
    ///
    /// - Parameter what: names it in an error.
    /// - Throws: `gates.key-malformed` for anything else, also for two keys, and for a key of another kind.
    public init(pem text: String, _ what: String) throws(GateError) {
        guard let block = PEMBlock(text), block.label == "PUBLIC KEY" else { throw KeyError.malformed(what, "it is not one public key in PEM") }
        do { self.init(try P256.Signing.PublicKey(derRepresentation: block.bytes)) } catch {
            throw KeyError.malformed(what, "it is no ECDSA key on the curve P-256", cause: error)
        }
    }

    public var pem: String { PEMBlock(label: "PUBLIC KEY", bytes: der).text }

    /// Whether this key has signed these bytes.
    ///
    /// - Parameter signature: in DER. Source: RFC 3279, 2.2.3.
    func hasSigned(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
        hasSigned(KnownDigest(of: message), signature)
    }

    func hasSigned(messageOf digest: Digest, _ signature: [UInt8]) -> Bool { hasSigned(KnownDigest(digest), signature) }

    private func hasSigned(_ digest: KnownDigest, _ signature: [UInt8]) -> Bool {
        guard let key = try? P256.Signing.PublicKey(derRepresentation: der),
            let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: digest)
    }
}
