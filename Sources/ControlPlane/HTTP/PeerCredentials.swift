import Glibc
import NIOCore

/// What the kernel knows of the other end of a Unix socket, in its own layout.
///
/// Source: unix(7), `struct ucred`.
struct PeerCredentials: Sendable {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0

    /// Fails for what is no Unix socket.
    static func of(_ channel: any Channel) -> EventLoopFuture<PeerCredentials> {
        guard let provider = channel as? any SocketOptionProvider, case .unixDomainSocket = channel.localAddress else {
            return channel.eventLoop.makeFailedFuture(SystemCallError(call: "getsockopt", code: ENOTSOCK))
        }
        return provider.unsafeGetSocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    }
}
