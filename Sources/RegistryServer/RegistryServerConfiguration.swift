/// How the registry is served.
public struct RegistryServerConfiguration: Sendable {
    public var host: String
    /// A free one when it is 0.
    public var port: Int
    /// Whether anybody may pull, without a token.
    public var isOpen = false
    /// Whether plain HTTP is spoken with other machines, too: then whoever is between can read every token.
    public var isInsecureAllowed = false
    /// The certificate with those above it, and its key, which not everybody may read: both PEM files, read again when they are replaced.
    public var certificate: (chain: String, key: String)?
    /// Where clients reach it when something stands before it, such as `https://registry.example.com`.
    public var publicAddress: String?
    public var rule = TagRule()
    public var limits = ServerLimits()

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:5000`, `[::1]:5000`, `*:5000`, `localhost:5000`; `nil` for anything else.
    public init?(address: String) {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]), (0...65_535).contains(port) else {
            return nil
        }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() } else if host.contains(":") { return nil }
        guard !host.isEmpty, host.utf8.allSatisfy({ (33...126).contains($0) && $0 != UInt8(ascii: "/") }) else { return nil }
        self.init(host: host == "*" ? "0.0.0.0" : String(host), port: port)
    }

    /// Reads an address that clients are told: a scheme and a host, nothing behind. `nil` for anything else.
    public static func publicAddress(_ text: String) -> String? {
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            return AuthorityHost.read(String(text.dropFirst(scheme.count))) == nil ? nil : text
        }
        return nil
    }
}
