public import IngotModel
import Yams

/// A server that has secrets, and how the daemon shows itself to it.
public struct SecretSourceSettings: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// OpenBao or Vault.
        case vault(VaultSettings)
        case aws(AWSSettings)
    }

    public struct VaultSettings: Hashable, Sendable {
        public enum Login: Hashable, Sendable {
            /// Read anew each time: whoever writes the file renews the token.
            case tokenFile(String)
            case appRole(mount: String, roleFile: String, secretFile: String)
        }
        public var address: String
        public var namespace: String?
        public var login: Login
    }

    public struct AWSSettings: Hashable, Sendable {
        public var region: String
        /// Instead of Amazon's own address.
        public var endpoint: String?
        /// Of the shared file; the daemon's variables when `nil`.
        public var credentialsFile: String?
        public var profile: String
    }

    public var kind: Kind
    /// What each service or environment may ask for, as beginnings of paths; everything where it is `nil`.
    public var allowed: [String: [String]]?

    /// Whether an environment may have what lies at a path.
    public func allows(_ path: String, to environment: EnvironmentID) -> Bool {
        guard let allowed else { return true }
        let prefixes = (allowed[environment.service.name] ?? []) + (allowed[environment.text] ?? [])
        return prefixes.contains { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
    }
}

/// The file `secret-sources.yaml` in the daemon's folder.
public enum SecretSourcesDefinition {
    public static let fileName = "secret-sources.yaml"
    static let mostSources = 32

    static let root = Section(path: "", keys: [Key("sources", "names", "**Required.** A name for each source, with its settings.")])
    static let source = Section(
        path: "sources.*",
        keys: [
            Key("kind", "`vault` or `aws`", "**Required.**"), Key("address", "address", ""), Key("namespace", "path", ""),
            Key("token-file", "path", ""), Key("approle", "section", ""), Key("region", "text", ""), Key("endpoint", "address", ""),
            Key("credentials-file", "path", ""), Key("profile", "name", ""), Key("allow", "names", ""),
        ])
    static let appRole = Section(
        path: "sources.*.approle",
        keys: [Key("role-id-file", "path", ""), Key("secret-id-file", "path", ""), Key("mount", "path", "")])

    /// Mistakes are collected, as in `Manifest.parse`.
    public static func parse(_ text: String, file: String = fileName) -> Parsed<[String: SecretSourceSettings]> {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull else { return Parsed([:], document) }
        guard let reader = MappingReader(root, in: document, path: "", known: Self.root.names), let node = reader.node("sources"),
            let section = MappingReader(node, in: document, path: "sources", known: nil)
        else {
            if !document.hasErrors { document.error(at: document.beginning, "the file has no 'sources'", hint: "write 'sources:' with a name") }
            return Parsed(nil, document)
        }
        guard section.entries.count <= mostSources else {
            document.error(at: section.location, "more than \(mostSources) sources")
            return Parsed(nil, document)
        }
        var sources: [String: SecretSourceSettings] = [:]
        for entry in section.entries {
            let path = "sources.\(entry.name)"
            guard document.value(of: entry.key, path, .name(of: "source")) != nil,
                let reader = MappingReader(entry.value, in: document, path: path, known: source.names, location: document.location(entry.key))
            else { continue }
            sources[entry.name] = SecretSourceReader(reader: reader).settings()
        }
        return Parsed(sources, document)
    }
}

private struct SecretSourceReader {
    let reader: MappingReader
    private var document: Document { reader.document }

    func settings() -> SecretSourceSettings? {
        guard let kind = reader.required("kind", .word(["vault", "aws"])) else { return nil }
        let allowed = allowed()
        let foreign = kind == "vault" ? ["region", "endpoint", "credentials-file", "profile"] : ["address", "namespace", "token-file", "approle"]
        for key in foreign where reader.has(key) { document.error(at: reader.location(key), "'\(reader.path(key))' does not belong to '\(kind)'") }
        let settings = kind == "vault" ? vault().map { SecretSourceSettings.Kind.vault($0) } : aws().map { .aws($0) }
        return settings.map { SecretSourceSettings(kind: $0, allowed: allowed) }
    }

    private func vault() -> SecretSourceSettings.VaultSettings? {
        let address = reader.required("address", .serverAddress)
        let namespace = reader.value("namespace", .secretPath)
        guard let login = login(), let address else { return nil }
        return SecretSourceSettings.VaultSettings(address: address, namespace: namespace, login: login)
    }

    private func login() -> SecretSourceSettings.VaultSettings.Login? {
        guard let key = reader.only(of: ["token-file", "approle"]) else { return nil }
        if key == "token-file" { return reader.value("token-file", .filePath).map { .tokenFile($0) } }
        let role = reader.section("approle", known: SecretSourcesDefinition.appRole.names)
        let mount = role.value("mount", .secretPath) ?? "approle"
        guard let roleFile = role.required("role-id-file", .filePath), let secretFile = role.required("secret-id-file", .filePath) else { return nil }
        return .appRole(mount: mount, roleFile: roleFile, secretFile: secretFile)
    }

    private func aws() -> SecretSourceSettings.AWSSettings? {
        guard let region = reader.required("region", .name(of: "region")) else { return nil }
        return SecretSourceSettings.AWSSettings(
            region: region, endpoint: reader.value("endpoint", .serverAddress), credentialsFile: reader.value("credentials-file", .filePath),
            profile: reader.value("profile", .name(of: "profile")) ?? "default")
    }

    private func allowed() -> [String: [String]]? {
        guard reader.has("allow") else { return nil }
        let section = reader.section("allow", known: nil)
        var allowed: [String: [String]] = [:]
        for entry in section.entries {
            guard ServiceName(text: entry.name) != nil || EnvironmentID(text: entry.name) != nil else {
                document.error(at: document.location(entry.key), "'\(entry.name)' is neither a service nor an environment such as shop/production")
                continue
            }
            allowed[entry.name] = section.list(entry.name, .text, limit: Manifest.Limit.listEntries) ?? []
        }
        return allowed
    }
}

extension ValueForm where Value == String {
    /// A server that is shown a credential: over TLS, or on this machine.
    static var serverAddress: ValueForm {
        ValueForm(expectation: "an address such as https://bao.internal:8200, without a path; http only to this machine") { text in
            guard let text = Self.address.read(text) else { return nil }
            let isEncrypted = text.hasPrefix("https://")
            let authority = text.dropFirst(isEncrypted ? 8 : 7)
            guard !authority.contains(where: { "/?#".contains($0) }) else { return nil }
            let isHere = ["127.0.0.1", "[::1]", "localhost"].contains { authority == $0 || authority.hasPrefix("\($0):") }
            return isEncrypted || isHere ? text : nil
        }
    }
}
