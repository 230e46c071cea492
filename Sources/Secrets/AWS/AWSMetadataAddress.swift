/// An address that gives out credentials: over TLS, or without it where nobody is on the way.
struct AWSMetadataAddress: Hashable, Sendable {
    /// The agents of ECS and EKS on each machine.
    ///
    /// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
    static let container: Set = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]
    /// Source: Amazon EC2 User Guide, "Access instance metadata for an EC2 instance".
    static let instance: Set = ["169.254.169.254", "[fd00:ec2::254]"]

    var text: String
    /// For messages: the path may hold what is to be known to this machine only.
    var server: String

    /// - Parameter plain: the hosts that are asked without TLS, besides this machine.
    init?(_ text: String, plain: Set<String>) {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy(Self.isOfAddress) else { return nil }
        let isEncrypted = text.hasPrefix("https://")
        guard isEncrypted || text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isEncrypted ? 8 : 7)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let host = Self.host(authority), isEncrypted || plain.contains(host) || Self.isHere(host) else { return nil }
        self.text = text
        server = (isEncrypted ? "https://" : "http://") + authority
    }

    /// Source: RFC 3986, section 2, without `#`.
    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~%:/?[]@!$&'()*+,;=".utf8.contains(byte)
        }
    }

    /// Without the port. Narrower than the standard, so that no other reader of the address can see another host in it.
    private static func host(_ authority: Substring) -> String? {
        let isBracketed = authority.hasPrefix("[")
        let end = isBracketed ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : authority.firstIndex(of: ":")
        if isBracketed, end == nil { return nil }
        let host = authority[..<(end ?? authority.endIndex)]
        let name = isBracketed ? host.dropFirst().dropLast() : host
        guard !name.isEmpty, name.allSatisfy({ isBracketed ? $0.isHexDigit || $0 == ":" : $0.isLetter || $0.isNumber || "-.".contains($0) })
        else { return nil }
        let port = authority[host.endIndex...]
        guard port.isEmpty || port.hasPrefix(":") && port.dropFirst().allSatisfy(\.isNumber) && UInt16(port.dropFirst()) != nil else { return nil }
        return String(host)
    }

    private static func isHere(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        // All of 127.0.0.0/8; what is no number below 256, or could be one to another base, may be a name.
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { part in UInt8(part).map { "\($0)" == part } ?? false }
    }
}
