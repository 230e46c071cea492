internal import FoundationEssentials
internal import IngotModel

/// What Docker's `config.json` says about credentials. Everything else in it is left alone.
///
/// Source: docker/cli, `cli/config/configfile`; docker-credential-helpers.
struct DockerConfiguration: Sendable {
    static let largest: ByteSize = .mebibytes(1)

    /// By the host of the registry, in small letters, with its port.
    private var entries: [String: Credential] = [:]
    /// Names of helpers by host.
    private var helpers: [String: String] = [:]
    /// The helper of all others.
    private var store: String?

    static let none = DockerConfiguration()
    private init() {}

    private struct Document: Decodable {
        struct Entry: Decodable {
            var auth: String?
            var username: String?
            var password: String?
            var identitytoken: String?
            var registrytoken: String?
        }
        var auths: [String: Entry]?
        var credHelpers: [String: String]?
        var credsStore: String?
    }

    /// - Throws: `RegistryError` `credentials-invalid`, which says nothing of what stands in it.
    init(_ bytes: [UInt8], file: String) throws(RegistryError) {
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw Self.invalid(file, "it is not what Docker writes")
        }
        for (key, entry) in document.auths ?? [:] {
            guard let credential = try Self.credential(entry, key, file) else { continue }
            let host = Self.host(key)
            // A key that is a host counts more than one with a path.
            if entries[host] == nil || key == host { entries[host] = credential }
        }
        for (key, name) in document.credHelpers ?? [:] { helpers[Self.host(key)] = try Self.helper(name, file) }
        if let name = document.credsStore, !name.isEmpty { store = try Self.helper(name, file) }
    }

    /// What is written down for a host.
    func entry(for host: String) -> Credential? { Self.aliases(of: host).lazy.compactMap { entries[$0] }.first }

    /// Which helper knows a host's credentials, and under which name it is asked.
    func helper(for host: String) -> (name: String, server: String)? {
        if let name = Self.aliases(of: host).lazy.compactMap({ helpers[$0] }).first { return (name, Self.server(host)) }
        return store.map { ($0, Self.server(host)) }
    }

    // MARK: Names

    /// Docker writes its own registry as an address of long ago.
    private static func server(_ host: String) -> String { host == ImageReference.hub ? "https://index.docker.io/v1/" : host }

    private static func aliases(of host: String) -> [String] {
        host == ImageReference.hub ? ["index.docker.io", "docker.io", "registry-1.docker.io"] : [host]
    }

    /// A key is a host, or an address of it.
    static func host(_ key: String) -> String {
        var rest = key[...]
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        return rest.prefix { $0 != "/" }.lowercased()
    }

    // MARK: Reading

    /// `nil` for an entry that says only that a helper knows more.
    private static func credential(_ entry: Document.Entry, _ key: String, _ file: String) throws(RegistryError) -> Credential? {
        if let token = entry.identitytoken, !token.isEmpty { return .identityToken(token) }
        if let token = entry.registrytoken, !token.isEmpty { return .registryToken(token) }
        if let user = entry.username, !user.isEmpty, let password = entry.password { return .password(user: user, password) }
        guard let auth = entry.auth, !auth.isEmpty else { return nil }
        guard let data = Data(base64Encoded: auth), let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":") else {
            throw invalid(file, "the entry of '\(printable(key, most: 100))' is not a name and a password in base64")
        }
        // Docker fills up with zeros.
        let password = text[text.index(after: colon)...].filter { $0 != "\u{0}" }
        return .password(user: String(text[..<colon]), password)
    }

    /// It becomes a part of a program's name.
    private static func helper(_ name: String, _ file: String) throws(RegistryError) -> String {
        let isName =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "-_.".utf8.contains(byte)
                }
            }
        guard isName, !name.hasPrefix(".") else { throw invalid(file, "'\(printable(name, most: 60))' cannot name a credential helper") }
        return name
    }

    private static func invalid(_ file: String, _ why: String) -> RegistryError {
        RegistryError(
            .credentialsInvalid, "the credentials in \(file) cannot be read: \(why)", remedy: "mend it, or write it anew by `docker login`",
            fault: .user)
    }
}
