/// One way to prove who one is, of a `WWW-Authenticate` header.
///
/// Source: RFC 9110, section 11.6.1; Docker Registry v2 authentication via central service.
struct Challenge: Hashable, Sendable {
    /// In small letters: `bearer`, `basic`.
    let scheme: String
    /// By names in small letters; of a name that stands twice, the first.
    let parameters: [String: String]

    static let longestHeader = 8_192
    static let mostChallenges = 16
    static let mostParameters = 32

    /// Reads all challenges of a header. What cannot be read ends the list; nothing is guessed.
    static func parse(_ header: String) -> [Challenge] {
        guard header.utf8.count <= longestHeader else { return [] }
        var reader = Reader(rest: Array(header.utf8)[...])
        var challenges: [Challenge] = []
        while challenges.count < mostChallenges, let challenge = reader.challenge() { challenges.append(challenge) }
        return challenges
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func challenge() -> Challenge? {
            skip { Self.isSpace($0) || $0 == UInt8(ascii: ",") }
            guard let scheme = token() else { return nil }
            var parameters: [String: String] = [:]
            while parameters.count < Challenge.mostParameters {
                let before = rest
                skip { Self.isSpace($0) || $0 == UInt8(ascii: ",") }
                guard let name = token() else { break }
                skip(Self.isSpace)
                guard rest.first == UInt8(ascii: "=") else {
                    // The scheme of the next challenge.
                    rest = before
                    break
                }
                rest.removeFirst()
                skip(Self.isSpace)
                guard let value = rest.first == UInt8(ascii: "\"") ? quoted() : token() else { return nil }
                if parameters[name.lowercased()] == nil { parameters[name.lowercased()] = value }
            }
            return Challenge(scheme: scheme.lowercased(), parameters: parameters)
        }

        private mutating func token() -> String? {
            let bytes = rest.prefix { Self.isTokenByte($0) }
            rest = rest[bytes.endIndex...]
            return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
        }

        private mutating func quoted() -> String? {
            rest.removeFirst()
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let next = rest.popFirst(), next >= 0x20, next != 0x7f else { return nil }
                    bytes.append(next)
                case 0..<0x20, 0x7f: return nil
                default: bytes.append(byte)
                }
            }
            return nil
        }

        private mutating func skip(_ isSkipped: (UInt8) -> Bool) { rest = rest.drop(while: isSkipped) }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

        private static func isTokenByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "!#$%&'*+-.^_`|~/:?".utf8.contains(byte)
            }
        }
    }
}
