import ArgumentParser
import Client
import Glibc
import IngotModel

/// How a daemon on another machine is asked. The token itself is never an argument: everybody on the machine can read those.
struct RemoteOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A daemon on another machine, as https://HOST:PORT; $INGOT_HOST if left out.", valueName: "url")) var host: String?
    @Option(
        help: ArgumentHelp("A file with the token, which nobody else may read; $INGOT_TOKEN, or $INGOT_TOKEN_FILE, if left out.", valueName: "file"),
        completion: .file())
    var tokenFile: String?
    @Option(
        name: .customLong("tls-ca"),
        help: ArgumentHelp("A file with the authorities of its certificate; $INGOT_TLS_CA, or the system's, if left out.", valueName: "file"),
        completion: .file())
    var authorities: String?

    static var none: RemoteOptions {
        var options = RemoteOptions()
        options.host = nil
        options.tokenFile = nil
        options.authorities = nil
        return options
    }

    func daemon(at host: String) throws -> RemoteDaemon {
        guard let origin = RemoteOrigin(text: host) else {
            throw CommandError("bad-host", "'\(host.prefix(80))' is not \(RemoteOrigin.expectation)", remedy: "tokens go nowhere but by TLS")
        }
        return RemoteDaemon(origin: origin, token: try token(), authorities: authorities ?? EnvironmentVariables.value("INGOT_TLS_CA"))
    }

    private func token() throws -> AccessToken {
        if let tokenFile { return try Self.token(from: tokenFile) }
        if let text = EnvironmentVariables.value("INGOT_TOKEN") { return try Self.token(text, from: "INGOT_TOKEN") }
        if let file = EnvironmentVariables.value("INGOT_TOKEN_FILE") { return try Self.token(from: file) }
        throw CommandError(
            "token-missing", "a daemon on another machine is asked with a token, and there is none",
            remedy: "make one on its machine with `ingot token create`, and give it in INGOT_TOKEN or by --token-file")
    }

    private static let fileLimit: ByteSize = 4_096

    private static func token(from file: String) throws -> AccessToken {
        var status = stat()
        if stat(file, &status) == 0, status.st_mode & (S_IRWXG | S_IRWXO) != 0 {
            throw CommandError("token-file-open", "others may use \(file), which holds a token", remedy: "chmod 600 \(file)")
        }
        guard let text = try LocalFile.read(file, limit: fileLimit) else { throw CommandError.notRead(file, "it is not there") }
        return try token(text.hasSuffix("\n") ? String(text.dropLast()) : text, from: file)
    }

    /// The text is not quoted: it may be a secret of another kind.
    private static func token(_ text: String, from source: String) throws -> AccessToken {
        guard let token = AccessToken(text: text) else {
            throw CommandError("bad-token", "what stands in \(source) is no token", remedy: "give the whole line that `ingot token create` printed")
        }
        return token
    }
}
