/// A private key at rest: PKCS#8 in a box that a password opens.
///
/// Source: sigstore/sigstore, `pkg/cryptoutils/privatekey.go`, and secure-systems-lab/go-securesystemslib, `encrypted`: the form of `cosign.key`.
struct EncryptedKey {
    static let label = "ENCRYPTED SIGSTORE PRIVATE KEY"
    static let labels: Set = [label, "ENCRYPTED COSIGN PRIVATE KEY"]

    private struct Form: Codable {
        struct Derivation: Codable {
            var name: String
            var params: PasswordKey.Cost
            var salt: String
        }
        struct Cipher: Codable {
            var name: String
            var nonce: String
        }
        var kdf: Derivation
        var cipher: Cipher
        var ciphertext: String
    }

    private var cost: PasswordKey.Cost
    private var salt: [UInt8]
    private var nonce: [UInt8]
    private var box: [UInt8]

    init(_ text: String, _ what: String) throws(GateError) {
        guard let block = PEMBlock(text), Self.labels.contains(block.label) else {
            throw KeyError.malformed(what, "it is not one \(Self.label) in PEM")
        }
        let form = try StrictJSON.decode(Form.self, from: block.bytes, what, limits: .standard)
        guard form.kdf.name == "scrypt", form.cipher.name == "nacl/secretbox", form.kdf.params.isAllowed,
            let salt = Base64.decode(form.kdf.salt), let nonce = Base64.decode(form.cipher.nonce), let box = Base64.decode(form.ciphertext)
        else { throw KeyError.malformed(what, "it is encrypted in a way that is not known, or asks for too much memory") }
        (cost, self.salt, self.nonce, self.box) = (form.kdf.params, salt, nonce, box)
    }

    init(sealing content: [UInt8], password: String) throws(GateError) {
        guard !password.isEmpty else { throw KeyError.malformed("an empty password", "it would protect nothing") }
        var generator = SystemRandomNumberGenerator()
        func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) } }
        (cost, salt, nonce) = (.standard, random(PasswordKey.saltBytes), random(PasswordKey.nonceBytes))
        box = try Self.key(password, salt, cost, "the new key").seal(content, nonce: nonce)
    }

    func open(password: String, _ what: String) throws(GateError) -> [UInt8] {
        guard let content = try Self.key(password, salt, cost, what).open(box, nonce: nonce) else { throw KeyError.locked(what) }
        return content
    }

    func text() throws(GateError) -> String {
        let form = Form(
            kdf: Form.Derivation(name: "scrypt", params: cost, salt: Base64.encode(salt)),
            cipher: Form.Cipher(name: "nacl/secretbox", nonce: Base64.encode(nonce)), ciphertext: Base64.encode(box))
        do { return PEMBlock(label: Self.label, bytes: try StrictJSON.encode(form)).text } catch {
            throw KeyError.malformed("the new key", "it has no form in JSON", cause: error)
        }
    }

    private static func key(_ password: String, _ salt: [UInt8], _ cost: PasswordKey.Cost, _ what: String) throws(GateError) -> PasswordKey {
        guard let key = PasswordKey(password: Array(password.utf8), salt: salt, cost: cost) else {
            throw KeyError.malformed(what, "there is not enough memory to derive a key from the password")
        }
        return key
    }
}
