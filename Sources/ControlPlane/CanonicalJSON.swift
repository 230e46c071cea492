import Foundation
import IngotModel

import struct Crypto.SHA256

/// JSON of which there is only one form for a value: keys sorted, no spaces, slashes not escaped.
/// What is stored, compared and hashed is in this form.
enum CanonicalJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

extension Digest {
    /// The digest of some bytes.
    static func of(_ bytes: some Sequence<UInt8>) -> Digest { Digest(bytes: SHA256.hash(data: Array(bytes))) }
    static func of(_ text: String) -> Digest { of(text.utf8) }
    static let ofNoBytes = of([])
}
