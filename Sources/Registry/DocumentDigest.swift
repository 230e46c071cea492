internal import Crypto
internal import IngotModel

enum DocumentDigest {
    static func of(_ bytes: [UInt8]) -> IngotModel.Digest { IngotModel.Digest(bytes: SHA256.hash(data: bytes)) }
}
