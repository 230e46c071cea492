internal import FoundationEssentials

/// JSON whose every reader sees the same: no key twice in an object, nothing after the value, valid UTF-8, a bounded depth.
///
/// A decoder that takes the last of two keys and a verifier that takes the first would see two documents under one signature.
/// Source: RFC 8259; RFC 7493 (I-JSON), 2.3.
enum StrictJSON {
    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], _ what: String, limits: AttestationLimits
    ) throws(GateError) -> Value {
        guard bytes.count <= limits.documentBytes else { throw AttestationError.tooLarge(what, limit: "\(limits.documentBytes) bytes") }
        try check(bytes, what, limits: limits)
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw AttestationError.malformed(what, "it is JSON of another shape", cause: error)
        }
    }

    /// The bytes of each value of an object, as they stand there.
    static func members(of bytes: [UInt8], _ what: String, limits: AttestationLimits) throws(GateError) -> [String: ArraySlice<UInt8>] {
        guard bytes.count <= limits.documentBytes else { throw AttestationError.tooLarge(what, limit: "\(limits.documentBytes) bytes") }
        var scanner = try JSONScanner(bytes, what, depthLimit: limits.depth)
        guard let members = try scanner.document() else { throw AttestationError.malformed(what, "it is no JSON object") }
        return members.mapValues { bytes[$0] }
    }

    /// A document with the same bytes for the same value: keys sorted, no spaces, slashes as they are.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value))
    }

    private static func check(_ bytes: [UInt8], _ what: String, limits: AttestationLimits) throws(GateError) {
        var scanner = try JSONScanner(bytes, what, depthLimit: limits.depth)
        _ = try scanner.document()
    }
}
