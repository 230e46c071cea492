public import IngotModel

/// Where the values of secrets come from. The engine asks when it starts an instance and keeps no copy but the instance's.
public protocol SecretSource: Sendable {
    /// The value whose SHA-256 is `digest`.
    func value(of digest: Digest) throws -> [UInt8]
}
