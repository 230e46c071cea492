public import IngotModel

/// What a statement is about: a name for people, and digests for machines.
///
/// Source: in-toto Attestation Framework, v1, "ResourceDescriptor" and "DigestSet".
public struct Subject: Hashable, Sendable, Codable {
    public var name: String?
    /// Algorithm → lower-case hexadecimal digits.
    public var digest: [String: String]?

    public init(name: String?, digest: Digest) {
        self.name = name
        self.digest = [Digest.algorithm: digest.hex]
    }

    /// Its SHA-256. `nil` when it has none, and then it is nothing that Ingot knows.
    public var sha256: Digest? { digest?[Digest.algorithm].flatMap { Digest(hex: $0) } }
}
