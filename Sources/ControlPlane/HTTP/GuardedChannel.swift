import Certificates
import Hummingbird
import HummingbirdCore
import IngotModel
import Logging
import NIOCore
import NIOSSL

/// HTTP/1.1 over a connection that was counted, with TLS where there is a certificate.
struct GuardedChannel: ServerChildChannel {
    let base: HTTP1Channel
    let certificate: ServerCertificate?
    let counts: ConnectionCounts

    static func builder(_ certificate: ServerCertificate? = nil) -> HTTPServerBuilder {
        let counts = ConnectionCounts()
        return HTTPServerBuilder { responder in
            GuardedChannel(base: HTTP1Channel(responder: responder, configuration: configuration), certificate: certificate, counts: counts)
        }
    }

    private static var configuration: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: .milliseconds(Int64(ConnectionLimits.idle.count)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: ConnectionLimits.header.bytes, maxHeaderListSize: ConnectionLimits.headers.bytes,
                maxHeaderFieldCount: ConnectionLimits.headerCount))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ConnectionGuard(counts))
            // The certificate of this moment: one that was renewed serves the next connection, and those that are open go on.
            if let certificate { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context())) }
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
