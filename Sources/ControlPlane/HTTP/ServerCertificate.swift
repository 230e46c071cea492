import Glibc
import IngotModel
import Logging
import NIOSSL
import Synchronization

/// The certificate that the API shows over the network. Its files are looked at when somebody connects, at most once a second, and read again when
/// they were replaced. While they do not fit together, as between the replacing of one and the other, the last good pair holds.
final class ServerCertificate: Sendable {
    private let certificate: String
    private let key: String
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var context: NIOSSLContext
        var stamps: [FileStamp]
        var lookedAt: ContinuousClock.Instant
    }

    /// How often the files are looked at.
    private static let pause = Duration.seconds(1)
    private static let fileLimit: ByteSize = .mebibytes(1)

    /// - Throws: `control.certificate-unusable`, `control.key-readable-by-others` and others, with what to do.
    init(certificate: String, key: String, logger: Logger) throws {
        self.certificate = certificate
        self.key = key
        self.logger = logger
        let stamps = [FileStamp(certificate), FileStamp(key)]
        state = Mutex(State(context: try Self.read(certificate, key), stamps: stamps, lookedAt: .now))
    }

    func context() -> NIOSSLContext {
        state.withLock { state in
            guard ContinuousClock.now - state.lookedAt >= Self.pause else { return state.context }
            state.lookedAt = .now
            let stamps = [FileStamp(certificate), FileStamp(key)]
            guard stamps != state.stamps else { return state.context }
            // Noted also when they can't be used, so that it is logged once for each change.
            state.stamps = stamps
            do {
                state.context = try Self.read(certificate, key)
                logger.info("the API has a new certificate", metadata: ["file": "\(certificate)"])
            } catch {
                logger.error(
                    "the new certificate can't be used; the one before still is",
                    metadata: ["error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
            }
            return state.context
        }
    }

    private static func read(_ certificate: String, _ key: String) throws -> NIOSSLContext {
        let chain = try bytes(of: certificate)
        try checkMode(key)
        let secret = try bytes(of: key)
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: secret, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            // The library's errors quote no key, and are kept out all the same.
            throw ControlError(
                "certificate-unusable", "\(certificate) and \(key) are not a certificate and its private key",
                remedy: "give the chain, the server's certificate first, and the key, both as PEM")
        }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        guard let bytes = try PrivateFile.read(path, limit: fileLimit) else {
            throw ControlError("file-missing", "there is no \(path)", remedy: "give a certificate with --tls-certificate and --tls-key")
        }
        return bytes
    }

    private static func checkMode(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & (S_IROTH | S_IWOTH) != 0 else { return }
        throw ControlError("key-readable-by-others", "everybody may read or write the private key \(path)", remedy: "chmod o-rw \(path)")
    }
}

/// By what it is seen that a file was replaced or written.
private struct FileStamp: Equatable {
    var node: UInt = 0
    var size = 0
    var seconds = 0
    var nanoseconds = 0

    /// Of a file that is not there: zeros.
    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        node = UInt(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
