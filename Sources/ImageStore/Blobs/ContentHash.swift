internal import IngotModel

internal import struct Crypto.SHA256

/// A SHA-256 that is fed piece by piece.
struct ContentHash {
    private var state = SHA256()
    private(set) var count = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state.update(bufferPointer: bytes)
        count += bytes.count
    }

    func digest() -> Digest { Digest(bytes: Array(state.finalize())) }

    static func digest(of bytes: [UInt8]) -> Digest {
        var hash = ContentHash()
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.digest()
    }
}
