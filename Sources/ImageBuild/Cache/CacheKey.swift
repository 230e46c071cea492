import Crypto
import IngotModel

/// What a step's result depends on, as one digest.
///
/// Every part goes in with its length before it, so that two lists of parts never run into the same bytes.
struct CacheKey: Hashable, Sendable {
    let digest: IngotModel.Digest

    /// Goes up when the meaning of a key or of a recorded result changes; older records are then never found.
    static let version = 1

    struct Builder {
        private var hash = SHA256()

        /// - Parameter kind: what the key is of, so that keys of different things never meet.
        init(_ kind: String) {
            append(CacheKey.version)
            append(kind)
        }

        mutating func append(_ text: String) {
            var text = text
            text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        }

        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            append(bytes.count)
            hash.update(bufferPointer: bytes)
        }

        mutating func append(_ number: Int) {
            withUnsafeBytes(of: number.littleEndian) { hash.update(bufferPointer: $0) }
        }

        mutating func append(_ digest: IngotModel.Digest?) { append(digest?.hex ?? "") }

        mutating func append(_ list: [String]) {
            append(list.count)
            for text in list { append(text) }
        }

        /// In the order of the names.
        mutating func append(_ values: [String: String]) {
            append(values.count)
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                append(name)
                append(value)
            }
        }

        func finish() -> CacheKey { CacheKey(digest: IngotModel.Digest(bytes: hash.finalize())) }
    }
}
