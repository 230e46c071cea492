import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// The process's HTTP clients: one for each set of authorities that is trusted. Their connections are kept alive, and they are never shut down,
/// so that a `Client` is a plain value.
///
/// None follows a redirect: the daemon sends none, and a token would go with it.
enum HTTPClients {
    private static let clients = Mutex<[String?: HTTPClient]>([:])

    /// - Throws: `ClientError` when the file holds no certificate.
    static func client(trusting authorities: String?) throws -> HTTPClient {
        try clients.withLock { clients in
            if let client = clients[authorities] { return client }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try configuration(authorities))
            clients[authorities] = client
            return client
        }
    }

    private static func configuration(_ authorities: String?) throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let authorities {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(authorities), !certificates.isEmpty else {
                throw ClientError.noAuthorities(authorities)
            }
            tls.trustRoots = .certificates(certificates)
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        // Given up before the daemon does (`ConnectionLimits.idle`), so that no request meets a connection that is just being closed.
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.httpVersion = .http1Only
        return configuration
    }
}
