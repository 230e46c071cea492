internal import FoundationEssentials
internal import IngotModel

/// Whom an address belongs to: credentials of one origin are for no other. Source: RFC 6454.
struct Origin: Hashable, Sendable, CustomStringConvertible {
    let scheme: String
    /// In small letters, without the brackets of IPv6.
    let host: String
    let port: Int

    /// `nil` for an address that is not of HTTP, or has credentials of its own in it.
    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let host = url.host(percentEncoded: false)?.lowercased(), !host.isEmpty,
            url.user(percentEncoded: false) == nil, url.password(percentEncoded: false) == nil, ["http", "https"].contains(scheme)
        else { return nil }
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    var isEncrypted: Bool { scheme == "https" }
    var isLoopback: Bool { Loopback.isHost(host) }
    var description: String { "\(scheme)://\(host):\(port)" }
}

/// This machine's own addresses, where nobody listens in between.
enum Loopback {
    static func isHost(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { part in UInt8(part) != nil && part.allSatisfy(\.isNumber) }
    }
}

/// Where a registry's API is, and what may be said to it unencrypted.
struct Endpoint: Hashable, Sendable {
    /// As people write it.
    let host: String
    let base: URL
    let origin: Origin
    /// Hosts besides this machine that may be spoken to in plain HTTP.
    let insecureHosts: Set<String>

    init(host: String, insecureHosts: Set<String>) throws(RegistryError) {
        let address = host == ImageReference.hub ? "registry-1.docker.io" : host
        let isPlain = Self.mayBePlain(Self.withoutPort(address), address, insecureHosts)
        guard let base = URL(string: "\(isPlain ? "http" : "https")://\(address)/v2/"), let origin = Origin(base) else {
            throw RegistryError(.referenceInvalid, "'\(printable(host, most: 100))' is no host", fault: .user)
        }
        self.host = host
        self.base = base
        self.origin = origin
        self.insecureHosts = insecureHosts
    }

    private static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[host.index(after: host.startIndex)..<end]) }
        return String(host.prefix { $0 != ":" })
    }

    private static func mayBePlain(_ bare: String, _ host: String, _ insecure: Set<String>) -> Bool {
        Loopback.isHost(bare) || insecure.contains(host) || insecure.contains(bare)
    }

    /// Whether an address that the registry names may be used. From an encrypted registry no way leads to an unencrypted one.
    func allows(_ target: Origin) -> Bool {
        if target.isEncrypted { return true }
        return !origin.isEncrypted && (Self.mayBePlain(target.host, "\(target.host):\(target.port)", insecureHosts))
    }
}
