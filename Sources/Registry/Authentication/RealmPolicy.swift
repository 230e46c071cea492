/// Which token server may be told a registry's credentials.
///
/// The registry's answer names the server, so whoever can make a registry answer could send them anywhere. They go to the registry's own
/// origin, to the same host by TLS on its usual port, and to the servers of those registries that are known to have another one.
/// Elsewhere one goes with the credentials that are written down for that server itself, or with none.
enum RealmPolicy {
    /// Source: the registries' documentation.
    private static let known: [String: Set<String>] = [
        ImageReference.hub: ["auth.docker.io"], "registry.gitlab.com": ["gitlab.com"],
    ]

    static func mayReceiveCredentials(_ realm: Origin, of endpoint: Endpoint) -> Bool {
        if realm == endpoint.origin { return true }
        guard realm.isEncrypted, realm.port == 443, endpoint.origin.isEncrypted else { return false }
        return realm.host == endpoint.origin.host || known[endpoint.host]?.contains(realm.host) == true
    }

    /// As the host of credentials is written: with its port where that is not the usual one.
    static func host(_ realm: Origin) -> String { realm.port == (realm.isEncrypted ? 443 : 80) ? realm.host : "\(realm.host):\(realm.port)" }
}
