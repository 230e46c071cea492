/// What system it is. Source: os-release(5).
extension MaterialReader {
    static let distribution = MaterialReader(
        name: "os-release", largest: 64 << 10, claims: { path, _ in path == "etc/os-release" || path == "usr/lib/os-release" },
        read: { bytes, _ in
            var fields: [String: String] = [:]
            for line in ByteLines(bytes) where line.first != UInt8(ascii: "#") {
                guard let (key, value) = line.split(at: UInt8(ascii: "=")) else { continue }
                fields[key.trimmed.text] = unquoted(value.trimmed)
            }
            guard let id = fields["ID"], !id.isEmpty else { return .problem("it does not say which system it is") }
            return Materials(
                distribution: Distribution(
                    id: id, versionID: fields["VERSION_ID"], codename: fields["VERSION_CODENAME"], name: fields["PRETTY_NAME"] ?? fields["NAME"]))
        })

    private static func unquoted(_ value: ArraySlice<UInt8>) -> String {
        guard value.count >= 2, let quote = value.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), value.last == quote else {
            return value.text
        }
        return value.dropFirst().dropLast().text
    }
}
