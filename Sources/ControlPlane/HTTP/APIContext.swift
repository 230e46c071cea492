import API
import Glibc
import Hummingbird
import IngotModel
import NIOCore

/// What a handler knows of a request besides its bytes.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    var maxUploadSize: Int { Limits.requestBody.bytes }

    /// Who asks, as the kernel says: `user:root`. Nobody can pretend to be somebody else.
    ///
    /// Source: unix(7), SO_PEERCRED.
    var actor: String {
        get async {
            guard let provider = channel as? any SocketOptionProvider else { return "user:unknown" }
            let option = NIOBSDSocket.Option(rawValue: SO_PEERCRED)
            let credentials: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(level: .socket, name: option)
            guard let peer = try? await credentials.get() else { return "user:unknown" }
            return "user:\(UserName.of(peer.uid))"
        }
    }
}

/// What the kernel knows of the other end of a Unix socket, in its own layout.
///
/// Source: unix(7), `struct ucred`.
private struct PeerCredentials: Sendable {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
}

enum UserName {
    /// The name of a user, or the number when the machine knows no name for it.
    static func of(_ user: uid_t) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else { return "\(user)" }
        return String(cString: name)
    }
}
