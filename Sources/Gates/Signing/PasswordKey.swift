internal import CSodium

/// A key that a password gives, and the box that it opens: scrypt and NaCl's secretbox (XSalsa20 and Poly1305), by libsodium.
///
/// Source: RFC 7914; NaCl, "Secret-key authenticated encryption".
struct PasswordKey {
    /// What guessing a password costs.
    struct Cost: Hashable, Sendable, Codable {
        var N: UInt64
        var r: UInt32
        var p: UInt32

        /// What sigstore uses: 64 MiB and about a tenth of a second.
        static let standard = Cost(N: 65_536, r: 8, p: 1)

        /// Whether it is one that a key file may ask for: a file of a stranger must not take all memory.
        var isAllowed: Bool {
            guard N > 1, N & (N - 1) == 0, (1...32).contains(r), (1...16).contains(p), N <= 1 << 21 else { return false }
            return 128 * N * UInt64(r) <= Self.memoryLimit
        }

        static let memoryLimit: UInt64 = 512 << 20
    }

    private let bytes: [UInt8]

    /// `nil` when there is no memory for it.
    init?(password: [UInt8], salt: [UInt8], cost: Cost) {
        guard sodium_init() >= 0, cost.isAllowed else { return nil }
        var derived = [UInt8](repeating: 0, count: Int(crypto_secretbox_KEYBYTES))
        let result = crypto_pwhash_scryptsalsa208sha256_ll(
            password, password.count, salt, salt.count, cost.N, cost.r, cost.p, &derived, derived.count)
        guard result == 0 else { return nil }
        bytes = derived
    }

    static let saltBytes = 32
    static var nonceBytes: Int { Int(crypto_secretbox_NONCEBYTES) }

    func seal(_ content: [UInt8], nonce: [UInt8]) -> [UInt8] {
        var box = [UInt8](repeating: 0, count: content.count + Int(crypto_secretbox_MACBYTES))
        crypto_secretbox_easy(&box, content, UInt64(content.count), nonce, bytes)
        return box
    }

    /// `nil` when this is not the key of the box, or the box was changed.
    func open(_ box: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard box.count >= Int(crypto_secretbox_MACBYTES), nonce.count == Self.nonceBytes else { return nil }
        var content = [UInt8](repeating: 0, count: box.count - Int(crypto_secretbox_MACBYTES))
        return crypto_secretbox_open_easy(&content, box, UInt64(box.count), nonce, bytes) == 0 ? content : nil
    }
}
