internal import FoundationEssentials

internal import protocol Crypto.Digest
internal import struct Crypto.SHA256
internal import struct IngotModel.Digest

/// A SHA-256 that was computed before.
struct KnownDigest: Crypto.Digest {
    static let byteCount = 32
    let bytes: [UInt8]

    /// - Precondition: there are 32 bytes.
    init(_ bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "a SHA-256 digest has 32 bytes")
        self.bytes = bytes
    }

    init(of message: [UInt8]) { self.init(Array(SHA256.hash(data: message))) }

    init(_ digest: IngotModel.Digest) {
        let digits = digest.hex.utf8.map { $0 < UInt8(ascii: "a") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "a") + 10 }
        self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result { try bytes.withUnsafeBytes(body) }
}
