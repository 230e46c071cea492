import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Answers on a port of the loopback, for the length of a test.
final class LocalServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// With its query.
        var path: String
        var headers: HTTPHeaders
        func header(_ name: String) -> String? { headers.first(name: name) }
    }

    enum Answer: Sendable {
        case answer(Int, String, headers: [String: String] = [:])
        /// The same a million times.
        case large(String)
        /// Takes the question, and says nothing.
        case silence
    }

    private let channel: any Channel
    private let log: Log

    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    var requests: [Request] { log.requests.withLock { $0 } }

    static func with<Result>(
        _ answer: @escaping @Sendable (Request) -> Answer, _ body: (LocalServer, String) async throws -> Result
    ) async throws -> Result {
        let server = try await LocalServer(answer)
        do {
            let result = try await body(server, "http://127.0.0.1:\(server.channel.localAddress?.port ?? 0)")
            try await server.channel.close()
            return result
        } catch {
            try? await server.channel.close()
            throw error
        }
    }

    private init(_ answer: @escaping @Sendable (Request) -> Answer) async throws {
        let log = Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(answer: answer, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (Request) -> Answer
        private let log: Log
        private var head: HTTPRequestHead?

        init(answer: @escaping @Sendable (Request) -> Answer, log: Log) {
            self.answer = answer
            self.log = log
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end: respond(context)
            }
        }

        private func respond(_ context: ChannelHandlerContext) {
            guard let head else { return }
            let request = Request(method: head.method.rawValue, path: head.uri, headers: head.headers)
            log.requests.withLock { $0.append(request) }
            switch answer(request) {
            case .answer(let code, let body, let headers): send(code, body, headers, context)
            case .large(let body): send(200, String(repeating: body, count: 1_000_000), [:], context)
            case .silence: break
            }
        }

        private func send(_ code: Int, _ body: String, _ more: [String: String], _ context: ChannelHandlerContext) {
            var headers = HTTPHeaders(more.map { ($0.key, $0.value) })
            headers.add(name: "content-length", value: "\(body.utf8.count)")
            let status = HTTPResponseStatus(statusCode: code)
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
