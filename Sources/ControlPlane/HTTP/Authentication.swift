import API
import Glibc
import HTTPTypes
import Hummingbird
import IngotModel
import Logging
import NIOCore
import Synchronization

/// How it is found out who asks. Each listener has one way, and knows nothing of the other's.
protocol Authentication: Sendable {
    /// - Throws: `ControlError` of kind `unauthenticated` or `tooMany`.
    func caller(of request: Request, _ channel: any Channel) async throws -> Caller
}

/// On the Unix socket the kernel says who asks (unix(7), SO_PEERCRED). What the request says of it counts for nothing.
struct PeerAuthentication: Authentication {
    let access: AccessControl

    func caller(of request: Request, _ channel: any Channel) async throws -> Caller {
        guard let peer = try? await PeerCredentials.of(channel).get() else { throw ControlError.notAuthenticated }
        return try await access.caller(user: peer.uid)
    }
}

/// Over the network only a token says it. Nothing is a cookie, so that no page in a browser can ask by its visitor's rights.
final class TokenAuthentication: Authentication {
    private let access: AccessControl
    private let logger: Logger
    private let failures = Mutex(FailedAttempts())

    init(access: AccessControl, logger: Logger) {
        self.access = access
        self.logger = logger
    }

    func caller(of request: Request, _ channel: any Channel) async throws -> Caller {
        do {
            guard let token = BearerAuthorization.token(in: request.headers[values: .authorization]) else { throw ControlError.notAuthenticated }
            return try await access.caller(token: token)
        } catch let error as ControlError where error.kind == .unauthenticated {
            throw failed(error, PeerAddress.of(channel))
        }
    }

    private func failed(_ error: ControlError, _ address: String) -> ControlError {
        let answer = failures.withLock { $0.failed(from: address, at: access.store.clock.now()) }
        switch answer {
        case .refuse: return error
        case .refuseAndTell:
            logger.warning("a request had no valid token", metadata: ["address": "\(address)", "error": "\(error.code)"])
            return error
        case .turnAway: return .tooManyFailures
        }
    }
}

/// Where a connection comes from.
enum PeerAddress {
    /// An IPv4 address, or the network of an IPv6 one: whoever has one address of a /64 has all of them (RFC 4291, section 2.5.4).
    static func of(_ channel: any Channel) -> String { channel.remoteAddress?.ipAddress.map(network) ?? "unknown" }

    static func network(of address: String) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        // An IPv4 address as a listener on [::] sees it.
        if bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] { return bytes.suffix(4).map { "\($0)" }.joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return "\(groups.joined(separator: ":"))::/64"
    }
}

/// Finds out who asks before a path is looked at, so that whoever is nobody learns nothing, not even which paths there are.
struct AuthenticationMiddleware: RouterMiddleware {
    let authentication: any Authentication

    func handle(_ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response) async throws -> Response {
        var context = context
        context.caller = try await authentication.caller(of: request, context.channel)
        return try await next(request, context)
    }
}
