import Certificates
import Hummingbird
import HummingbirdCore
import IngotModel
import Logging
import ServiceLifecycle

/// Where the API listens besides its socket: by TCP, always with TLS.
public struct RemoteListener: Sendable {
    public var host: String
    public var port: Int
    /// Files in PEM: the chain, the server's certificate first, and its private key.
    public var certificate: String
    public var key: String

    public init(host: String, port: Int, certificate: String, key: String) {
        self.host = host
        self.port = port
        self.certificate = certificate
        self.key = key
    }
}

/// The API over the network. There is none without TLS, not even on the loopback address: others on the machine could listen there in its place.
struct RemoteServer: Service {
    let desk: Desk
    let listener: RemoteListener
    let certificate: ServerCertificate
    let logger: Logger

    /// - Throws: `CertificateError` when the certificate can't be used.
    init(desk: Desk, listener: RemoteListener, logger: Logger) throws {
        self.desk = desk
        self.listener = listener
        self.logger = logger
        certificate = try ServerCertificate(certificate: listener.certificate, key: listener.key, of: "the API", logger: logger)
    }

    func run() async throws {
        let application = Application(
            router: APIRoutes(desk: desk).router(TokenAuthentication(access: desk.access, logger: logger)),
            server: GuardedChannel.builder(certificate),
            configuration: ApplicationConfiguration(
                address: .hostname(listener.host, port: listener.port), serverName: "ingot",
                availableConnectionsDelegate: MaximumAvailableConnections(ConnectionLimits.overNetwork)),
            onServerRunning: { channel in
                logger.info("the API listens by TLS", metadata: ["address": "\(channel.localAddress.map { "\($0)" } ?? "unknown")"])
            }, logger: logger.quieted)
        do {
            try await application.run()
        } catch {
            throw ControlError.system(
                "listen-failed", "the API can't listen on \(listener.host):\(listener.port)",
                remedy: "check that the address is this machine's and the port is free",
                cause: error)
        }
    }
}
