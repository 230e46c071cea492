import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Answers on a port of the loopback, for the length of a test.
final class TestServer: Sendable {
    struct Answer: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body: [UInt8] = []
    }

    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func append(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// Each request as `PATH` or `PATH if-none-match VALUE`.
    var requests: [String] { log.all }

    static func with<Result>(
        _ answer: @escaping @Sendable (String, HTTPHeaders) -> Answer, _ body: (TestServer, String) async throws -> Result
    ) async throws -> Result {
        let server = try await TestServer(answer)
        do {
            let result = try await body(server, "http://127.0.0.1:\(server.channel.localAddress?.port ?? 0)")
            try await server.channel.close()
            return result
        } catch {
            try? await server.channel.close()
            throw error
        }
    }

    private init(_ answer: @escaping @Sendable (String, HTTPHeaders) -> Answer) async throws {
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

        private let answer: @Sendable (String, HTTPHeaders) -> Answer
        private let log: Log
        private var head: HTTPRequestHead?

        init(answer: @escaping @Sendable (String, HTTPHeaders) -> Answer, log: Log) {
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
            log.append(head.uri + (head.headers.first(name: "if-none-match").map { " if-none-match \($0)" } ?? ""))
            let answer = answer(head.uri, head.headers)
            var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
            headers.add(name: "content-length", value: "\(answer.body.count)")
            let status = HTTPResponseStatus(statusCode: answer.status)
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
            if status != .notModified { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
