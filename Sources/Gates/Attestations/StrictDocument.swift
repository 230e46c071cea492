internal import FoundationEssentials

/// A JSON object that has no key but those which its format names: what is not known is not passed over.
struct StrictDocument {
    private let what: String
    private let limits: AttestationLimits
    private let members: [String: ArraySlice<UInt8>]

    init(_ bytes: [UInt8], _ what: String, keys: Set<String>, limits: AttestationLimits) throws(GateError) {
        self.what = what
        self.limits = limits
        members = try StrictJSON.members(of: bytes, what, limits: limits)
        if let stranger = members.keys.sorted().first(where: { !keys.contains($0) }) {
            throw AttestationError.malformed(what, "it has the key '\(stranger.prefix(80))', which its format does not have")
        }
    }

    func has(_ key: String) -> Bool { members[key] != nil }

    func value<Value: Decodable>(_ key: String) throws(GateError) -> Value {
        guard let bytes = members[key] else { throw AttestationError.malformed(what, "it has no \(key)") }
        do { return try JSONDecoder().decode(Value.self, from: Data(bytes)) } catch {
            throw AttestationError.malformed(what, "its \(key) is not what its format says", cause: error)
        }
    }

    func base64(_ key: String) throws(GateError) -> [UInt8] {
        let text: String = try value(key)
        guard let bytes = Base64.decode(text) else { throw AttestationError.malformed(what, "its \(key) is not base64") }
        return bytes
    }

    func document(_ key: String, keys: Set<String>) throws(GateError) -> StrictDocument {
        guard let bytes = members[key] else { throw AttestationError.malformed(what, "it has no \(key)") }
        return try StrictDocument(Array(bytes), "\(key) of \(what)", keys: keys, limits: limits)
    }

    func bytes(_ key: String) -> [UInt8]? { members[key].map { Array($0) } }
}
