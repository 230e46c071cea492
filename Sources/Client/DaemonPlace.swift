public import IngotModel

/// Where a daemon is asked.
public enum DaemonPlace: Sendable {
    /// By the path of its Unix socket, as the user that the process is.
    case socket(String)
    /// Over the network, by a token.
    case remote(RemoteDaemon)
}

/// A daemon on another machine.
public struct RemoteDaemon: Sendable {
    public var origin: RemoteOrigin
    public var token: AccessToken
    /// A file in PEM with the certificates that its own must come from; those of the system when `nil`.
    public var authorities: String?

    public init(origin: RemoteOrigin, token: AccessToken, authorities: String? = nil) {
        self.origin = origin
        self.token = token
        self.authorities = authorities
    }
}
