internal import Certificates
public import ImageStore
public import IngotModel
public import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
public import ServiceLifecycle
internal import Synchronization
internal import SystemPackage

/// Serves the images of a store to docker, podman, skopeo, containerd and all that speak the protocol, and takes what they push.
///
/// It stands on NIO alone, with no framework between: blobs go from the disk's cache to the socket by sendfile(2), which no body of a framework can.
///
/// Source: OCI Distribution Specification 1.1.
public struct RegistryServer: Service {
    private let configuration: RegistryServerConfiguration
    private let store: ImageStore
    private let tokens: RegistryTokens
    private let now: @Sendable () -> Timestamp
    private let onListening: @Sendable (Int) -> Void
    private let logger: Logger

    /// - Parameter onListening: called with the port once requests are taken.
    public init(
        _ configuration: RegistryServerConfiguration, store: ImageStore, logger: Logger, now: @escaping @Sendable () -> Timestamp,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.store = store
        tokens = RegistryTokens(root: store.root.string)
        self.now = now
        self.onListening = onListening
        self.logger = logger
    }

    /// Runs until the task is cancelled or a graceful shutdown is asked for. Throws `RegistryServerError` when it cannot listen,
    /// `CertificateError` when its certificate can't be used.
    public func run() async throws {
        let certificate = try configuration.certificate.map { files in
            try ServerCertificate(certificate: files.chain, key: files.key, of: "the registry", logger: logger)
        }
        let address = try address(isEncrypted: certificate != nil)
        try store.removeUploads()
        let pool = NIOThreadPool(numberOfThreads: 8)
        pool.start()
        let sessions = UploadSessions(configuration.limits)
        let desk = RegistryDesk(
            store: store, tokens: tokens, rule: configuration.rule, limits: configuration.limits, isOpen: configuration.isOpen,
            isEncrypted: certificate != nil, publicAddress: configuration.publicAddress, sessions: sessions, pool: pool, now: now, logger: logger)
        do {
            try await serve(desk, address, certificate)
        } catch {
            try? await pool.shutdownGracefully()
            throw error
        }
        try await pool.shutdownGracefully()
    }

    private func serve(_ desk: RegistryDesk, _ address: SocketAddress, _ certificate: ServerCertificate?) async throws {
        let server = try await listen(on: address, certificate)
        logger.info(
            "the registry listens", metadata: ["address": "\(configuration.host):\(server.channel.localAddress?.port ?? configuration.port)"])
        onListening(server.channel.localAddress?.port ?? configuration.port)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await accept(server, desk) }
                group.addTask { await giveUpOldUploads(desk.sessions) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func accept(_ server: NIOAsyncChannel<ServerConnection.Channel, Never>, _ desk: RegistryDesk) async {
        let open = OpenConnections()
        do {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await channel in connections {
                        let isFull = open.begin() > desk.limits.connections
                        group.addTask {
                            if isFull {
                                await ServerConnection.refuse(channel, desk.limits)
                            } else {
                                await ServerConnection(desk: desk, channel: channel).serve()
                            }
                            open.end()
                        }
                    }
                }
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("the registry no longer takes connections", metadata: ["error": "\(error)"])
        }
    }

    private func giveUpOldUploads(_ sessions: UploadSessions) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: min(.seconds(60), configuration.limits.uploadPatience))
            sessions.giveUpOld()
        }
    }

    // MARK: Listening

    private func listen(
        on address: SocketAddress, _ certificate: ServerCertificate?
    ) async throws -> NIOAsyncChannel<ServerConnection.Channel, Never> {
        let limits = configuration.limits
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.headers.bytes
        decoding.maxHeaderListSize = limits.headers.bytes
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
        do {
            return try await bootstrap.bind(to: address) { [decoding] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    // The certificate of this moment: one that was renewed serves the next connection, and those that are open go on.
                    if let certificate { try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context())) }
                    // One request after the other is read and answered here, and what is no HTTP is no request: the handlers for that would trap when a
                    // client brought them out of step.
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: false, withEncoderConfiguration: .init(),
                        withDecoderLimitConfiguration: decoding)
                    try pipeline.addHandler(PatienceHandler(limits))
                    return try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(
                            backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8), inboundType: HTTPServerRequestPart.self,
                            outboundType: HTTPServerResponsePart.self))
                }
            }
        } catch {
            throw RegistryServerError(
                "listen-failed", "the registry can't listen on \(configuration.host):\(configuration.port)",
                remedy: "choose another address with --registry, or look who has this one with `ss -ltnp`", fault: .world, cause: error)
        }
    }

    private func address(isEncrypted: Bool) throws -> SocketAddress {
        let address: SocketAddress
        do { address = try SocketAddress.makeAddressResolvingHost(configuration.host, port: configuration.port) } catch {
            throw RegistryServerError("address-unknown", "'\(configuration.host)' is no address of this machine", cause: error)
        }
        guard isEncrypted || configuration.isInsecureAllowed || address.isLoopback else {
            throw RegistryServerError(
                "not-encrypted", "a registry on \(configuration.host) would speak plain HTTP with other machines, where tokens can be read",
                remedy: "give it a certificate with --registry-certificate and --registry-key, or say --registry-insecure")
        }
        return address
    }
}

/// How many there are.
private final class OpenConnections: Sendable {
    private let count = Atomic(0)
    func begin() -> Int { count.add(1, ordering: .relaxed).newValue }
    func end() { count.subtract(1, ordering: .relaxed) }
}

extension SocketAddress {
    /// Whether nothing but this machine reaches it.
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4: ipAddress?.hasPrefix("127.") == true
        case .v6: ipAddress == "::1"
        case .unixDomainSocket: true
        }
    }
}
