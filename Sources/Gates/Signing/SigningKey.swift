internal import FoundationEssentials

internal import enum Crypto.P256
internal import struct Crypto.SHA256

/// A key that can sign: ECDSA on the curve P-256, with SHA-256.
public struct SigningKey: Signer {
    private let key: P256.Signing.PrivateKey

    /// A new one, from the system's source of randomness.
    public init() { key = P256.Signing.PrivateKey() }

    public var verificationKey: VerificationKey { VerificationKey(key.publicKey) }

    public func signature(of message: [UInt8]) throws -> [UInt8] { try Array(key.signature(for: SHA256.hash(data: message)).derRepresentation) }

    /// Opens a key file.
    ///
    /// - Parameter what: names the file in an error.
    /// - Throws: `gates.key-malformed`, `gates.key-locked`.
    public init(file text: String, password: String, _ what: String) throws(GateError) {
        let der = try EncryptedKey(text, what).open(password: password, what)
        do { key = try P256.Signing.PrivateKey(derRepresentation: der) } catch {
            throw KeyError.malformed(what, "it holds no ECDSA key on the curve P-256", cause: error)
        }
    }

    /// The text of a key file, which only the password opens; cosign reads it, too.
    public func file(password: String) throws(GateError) -> String {
        try EncryptedKey(sealing: Array(key.derRepresentation), password: password).text()
    }
}
