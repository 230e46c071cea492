internal import IngotModel

/// What a request to AWS is signed with.
struct AWSCredentials: Sendable {
    var accessKey: String
    var secretKey: SecretValue
    /// Of credentials that end.
    var sessionToken: String?

    init?(accessKey: String?, secretKey: String?, sessionToken: String?) {
        guard let accessKey, let secretKey, !secretKey.isEmpty, Self.isWord(accessKey) else { return nil }
        let token = sessionToken.flatMap { $0.isEmpty ? nil : $0 }
        if let token, !Self.isWord(token) { return nil }
        (self.accessKey, self.secretKey, self.sessionToken) = (accessKey, SecretValue(secretKey), token)
    }

    /// From the daemon's variables.
    init?(environment: [String: String]) {
        self.init(
            accessKey: environment["AWS_ACCESS_KEY_ID"], secretKey: environment["AWS_SECRET_ACCESS_KEY"],
            sessionToken: environment["AWS_SESSION_TOKEN"])
    }

    /// From a file such as `~/.aws/credentials`.
    ///
    /// Source: AWS, "Configuration and credential file settings": sections in brackets, a setting a line, comments from `#` or `;`.
    init?(file: String, profile: String) {
        var section = ""
        var values: [String: String] = [:]
        for line in file.split(whereSeparator: \.isNewline) {
            let line = Self.trimmed(line)
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = Self.trimmed(line.dropFirst().dropLast())
            } else if section == profile, let equals = line.firstIndex(of: "=") {
                values[Self.trimmed(line[..<equals])] = Self.trimmed(line[line.index(after: equals)...])
            }
        }
        self.init(
            accessKey: values["aws_access_key_id"], secretKey: values["aws_secret_access_key"], sessionToken: values["aws_session_token"])
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    /// It becomes a part of a header.
    static func isWord(_ text: String) -> Bool {
        (1...8_192).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
