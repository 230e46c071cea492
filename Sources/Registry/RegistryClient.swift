internal import Synchronization
public import SystemPackage

/// How registries are spoken to.
public struct RegistryOptions: Sendable {
    /// Docker's `config.json`, for credentials; that there is none is no error.
    public var configurationFile: FilePath?
    /// Hosts, with or without a port, that may be spoken to in plain HTTP. This machine's own addresses always are.
    public var insecureHosts: Set<String> = []
    /// Where it is remembered which repository of a registry has which blob; nowhere when `nil`.
    public var memoryFolder: FilePath?
    public var limits = RegistryLimits()

    public init() {}
}

/// Speaks with registries. Connections and tokens are kept until it is shut down.
///
/// Source: OCI Distribution Specification 1.1.
public final class RegistryClient: Sendable {
    let options: RegistryOptions
    private let transport: Transport
    private let credentials: CredentialStore
    private let connections = Mutex<[String: RegistryConnection]>([:])

    private init(_ options: RegistryOptions) {
        self.options = options
        transport = Transport(options.limits)
        credentials = CredentialStore(file: options.configurationFile)
    }

    /// Calls the body with a client, which is shut down when the body ends.
    public static func with<Result: Sendable>(
        _ options: RegistryOptions, _ body: (RegistryClient) async throws -> Result
    ) async throws -> Result {
        let client = RegistryClient(options)
        do {
            let result = try await body(client)
            await client.transport.shutdown()
            return result
        } catch {
            await client.transport.shutdown()
            throw error
        }
    }

    /// A repository of a registry.
    ///
    /// - Parameter isPush: whether it is written to.
    func repository(_ reference: ImageReference, isPush: Bool = false) throws(RegistryError) -> RemoteRepository {
        RemoteRepository(connection: try connection(reference.host), reference: reference, isPush: isPush)
    }

    private func connection(_ host: String) throws(RegistryError) -> RegistryConnection {
        try connections.withLock { (known) throws(RegistryError) in
            if let connection = known[host] { return connection }
            let endpoint = try Endpoint(host: host, insecureHosts: Set(options.insecureHosts.map { $0.lowercased() }))
            let connection = RegistryConnection(endpoint, transport, credentials)
            known[host] = connection
            return connection
        }
    }
}
