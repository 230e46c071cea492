internal import CSodium
internal import Crypto
public import IngotModel

/// The key pair with which the values of one environment are encrypted at rest. Anybody may encrypt, by the public half; the other half is
/// derived from a key of this machine, and never leaves the daemon.
///
/// Source: libsodium, "Sealed boxes" (X25519 and XSalsa20-Poly1305); RFC 5869, HKDF.
public struct SealingKey: Sendable {
    public let publicKey: SealingPublicKey
    private let secret: SecretValue
    private let environment: EnvironmentID

    /// - Parameter master: 32 random bytes of this machine.
    public init(master: [UInt8], environment: EnvironmentID) {
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: master), info: Array("ingot sealed secrets 1 \(environment)".utf8),
            outputByteCount: Int(crypto_box_SEEDBYTES))
        var publicBytes = [UInt8](repeating: 0, count: Int(crypto_box_PUBLICKEYBYTES))
        var secretBytes = [UInt8](repeating: 0, count: Int(crypto_box_SECRETKEYBYTES))
        var seed = derived.withUnsafeBytes { Array($0) }
        defer { seed.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) } }
        crypto_box_seed_keypair(&publicBytes, &secretBytes, seed)
        self.environment = environment
        publicKey = SealingPublicKey(bytes: publicBytes)
        secret = SecretValue(secretBytes)
    }

    /// Opens a value that was sealed for this environment under this name.
    ///
    /// - Throws: `notOpened` when it was made for another key, environment or name, or was changed.
    public func open(_ text: String, name: String) throws(SecretError) -> SecretValue {
        guard let box = Base64.decode(text), box.count > crypto_box_sealbytes() else {
            throw refused(name, "it is not what `ingot secret encrypt` writes")
        }
        var content = [UInt8](repeating: 0, count: box.count - crypto_box_sealbytes())
        defer { content.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) } }
        let isOpen = secret.withBytes { crypto_box_seal_open(&content, box, UInt64(box.count), publicKey.bytes, $0) == 0 }
        guard isOpen else { throw refused(name, "it was encrypted for another key, or changed") }
        var length = 0
        guard sodium_unpad(&length, content, content.count, SealedForm.block) == 0, let end = content[..<length].firstIndex(of: 0) else {
            throw refused(name, "what is in it has no end")
        }
        guard content[..<end].elementsEqual(SealedForm.place(environment, name)) else {
            throw refused(name, "it was encrypted for another environment or name")
        }
        return try SecretDocument.checked(SecretValue(Array(content[(end + 1)..<length])), "the encrypted value of \(name)")
    }

    private func refused(_ name: String, _ why: String) -> SecretError {
        SecretError(
            .notOpened, "the encrypted value of \(name) can't be opened for \(environment): \(why)",
            remedy: "encrypt it again with 'ingot secret encrypt \(environment.environment) \(name)'")
    }
}

/// What a sealed box holds: for which environment and name it is, a zero byte, and the value, padded so that its length shows only roughly.
/// The place is inside the box, so a value can't be moved to another name by whoever can write the file.
enum SealedForm {
    static let block = 64

    static func place(_ environment: EnvironmentID, _ name: String) -> [UInt8] { Array("\(environment)/\(name)".utf8) }
}

public struct SealingPublicKey: Hashable, Sendable {
    /// Of one value: many of them are part of one specification.
    public static let largestValue = 65_536

    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    public init?(text: String) {
        guard let bytes = Base64.decode(text), bytes.count == Int(crypto_box_PUBLICKEYBYTES) else { return nil }
        self.bytes = bytes
    }

    public var text: String { Base64.encode(bytes) }

    /// - Throws: `empty`, `tooLarge`.
    public func seal(_ value: SecretValue, for environment: EnvironmentID, name: String) throws(SecretError) -> String {
        guard value.count > 0 else { throw .empty("the value") }
        guard value.count <= Self.largestValue else {
            throw SecretError(
                .tooLarge, "the value is larger than \(ByteSize(Self.largestValue))", remedy: "put it into a file of the daemon's machine")
        }
        var content = SealedForm.place(environment, name) + [0] + value.withBytes { $0 }
        defer { content.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) } }
        let length = content.count
        content += [UInt8](repeating: 0, count: SealedForm.block)
        var padded = 0
        guard sodium_init() >= 0, sodium_pad(&padded, &content, length, SealedForm.block, content.count) == 0 else {
            throw SecretError(.malformed, "libsodium could not pad the value")
        }
        var box = [UInt8](repeating: 0, count: padded + crypto_box_sealbytes())
        guard crypto_box_seal(&box, content, UInt64(padded), bytes) == 0 else {
            throw SecretError(.malformed, "the key is not one that can be encrypted for", remedy: "give what 'ingot secret key' prints")
        }
        return Base64.encode(box)
    }
}
