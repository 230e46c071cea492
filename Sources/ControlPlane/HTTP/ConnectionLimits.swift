import API
import Glibc
import IngotModel
import NIOCore
import Synchronization

/// What one asker may take of the daemon.
enum ConnectionLimits {
    /// Connections at once of one user of the machine, or of one address. Root has no limit: who else could mend things.
    static let perAsker = 64
    /// Connections over the network, in all. More wait until one ends.
    static let overNetwork = 1_024
    /// How long a connection may be quiet between requests, and how long the head of a request, or each part of its body, may take.
    static let idle = Milliseconds.seconds(60)
    /// Of a request: one header, all of them, how many.
    static let header = ByteSize(8 << 10)
    static let headers = ByteSize(32 << 10)
    static let headerCount = 64
}

/// How many connections each asker has.
final class ConnectionCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Takes one more, unless there are as many as one may have.
    func take(_ asker: String) -> Bool {
        counts.withLock { counts in
            guard counts[asker, default: 0] < ConnectionLimits.perAsker else { return false }
            counts[asker, default: 0] += 1
            return true
        }
    }

    func giveBack(_ asker: String) {
        counts.withLock { counts in
            guard let count = counts[asker] else { return }
            counts[asker] = count > 1 ? count - 1 : nil
        }
    }
}

/// Closes a connection at once whose asker has too many already: before a handshake, before a request.
final class ConnectionGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let counts: ConnectionCounts
    private var asker: String?

    init(_ counts: ConnectionCounts) { self.counts = counts }

    func channelActive(context: ChannelHandlerContext) {
        guard case .unixDomainSocket = context.channel.localAddress else { return admit(PeerAddress.of(context.channel), context) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        PeerCredentials.of(context.channel).whenComplete { result in
            let (handler, context) = bound.value
            switch result {
            case .success(let peer) where peer.uid == 0: context.fireChannelActive()
            case .success(let peer): handler.admit("user \(peer.uid)", context)
            case .failure: context.close(promise: nil)
            }
        }
    }

    private func admit(_ asker: String, _ context: ChannelHandlerContext) {
        guard counts.take(asker) else { return context.close(promise: nil) }
        self.asker = asker
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let asker { counts.giveBack(asker) }
        asker = nil
        context.fireChannelInactive()
    }
}
