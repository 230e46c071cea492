internal import IngotModel
package import Logging
package import NIOSSL
internal import Synchronization

/// The certificate that a server of the daemon shows over the network. Its files are looked at when somebody connects, at most once a second, and read
/// again when they were replaced. While they do not fit together, as between the replacing of one and the other, the last good pair holds.
package final class ServerCertificate: Sendable {
    private let certificate: String
    private let key: String
    private let owner: String
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var context: NIOSSLContext
        var stamps: [FileStamp]
        var lookedAt: ContinuousClock.Instant
    }

    /// How often the files are looked at.
    private static let pause = Duration.seconds(1)

    /// - Parameters:
    ///   - certificate: a file in PEM: the server's certificate first, then those above it.
    ///   - key: a file in PEM, which not everybody may read.
    ///   - owner: whose it is, for messages: `the API`.
    /// - Throws: `certificates.unusable`, `certificates.key-readable-by-others` and others, with what to do.
    package init(certificate: String, key: String, of owner: String, logger: Logger) throws {
        self.certificate = certificate
        self.key = key
        self.owner = owner
        self.logger = logger
        let stamps = [FileStamp(certificate), FileStamp(key)]
        state = Mutex(State(context: try Self.read(certificate, key), stamps: stamps, lookedAt: .now))
    }

    package func context() -> NIOSSLContext {
        state.withLock { state in
            guard ContinuousClock.now - state.lookedAt >= Self.pause else { return state.context }
            state.lookedAt = .now
            let stamps = [FileStamp(certificate), FileStamp(key)]
            guard stamps != state.stamps else { return state.context }
            // Noted also when they can't be used, so that it is logged once for each change.
            state.stamps = stamps
            do {
                state.context = try Self.read(certificate, key)
                logger.info("\(owner) has a new certificate", metadata: ["file": "\(certificate)"])
            } catch {
                logger.error(
                    "the new certificate of \(owner) can't be used; the one before still is",
                    metadata: ["error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
            }
            return state.context
        }
    }

    private static func read(_ certificate: String, _ key: String) throws -> NIOSSLContext {
        let chain = try CertificateFile.read(certificate)
        let secret = try CertificateFile.read(key, isSecret: true)
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: secret, format: .pem)))
            // Source: RFC 8996: what is older is not to be spoken.
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            // The library's errors quote no key, and are kept out all the same.
            throw CertificateError(
                "unusable", "\(certificate) and \(key) are not a certificate and its private key",
                remedy: "give the chain, the server's certificate first, and the key, both as PEM")
        }
    }
}
