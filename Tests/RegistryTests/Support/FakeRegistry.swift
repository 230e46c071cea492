import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server that answers as a test says, truthfully or not, for the length of the test.
final class FakeRegistry: Sendable {
    struct Request: Sendable {
        var method: String
        /// With its query.
        var uri: String
        var headers: HTTPHeaders
        var body: [UInt8]
        var path: String { String(uri.prefix { $0 != "?" }) }
        var authorization: String? { headers.first(name: "authorization") }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// What `Content-Length` says; the truth when `nil`, nothing (chunks) when below zero.
        var announced: Int?
        /// The connection ends after so many bytes of the body.
        var cutAfter: Int?
        /// Nothing more comes after so many bytes of the body.
        var stallAfter: Int?
        /// One byte at a time, with so long between.
        var drip: TimeAmount?
        /// The same again and again without end.
        var isEndless = false

        static func notFound() -> Answer { Answer(status: 404, body: Array(#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#.utf8)) }
    }

    /// How many bytes of a request's body are read before the connection is closed; all when `nil`.
    typealias Cut = @Sendable (HTTPRequestHead) -> Int?

    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        private let requests = Mutex<[Request]>([])
        func append(_ request: Request) { requests.withLock { $0.append(request) } }
        var all: [Request] { requests.withLock { $0 } }
    }

    var requests: [Request] { log.all }
    var port: Int { channel.localAddress?.port ?? 0 }
    var host: String { "127.0.0.1:\(port)" }

    static func with<Result>(
        cut: @escaping Cut = { _ in nil }, _ answer: @escaping @Sendable (Request) -> Answer, _ body: (FakeRegistry) async throws -> Result
    ) async throws -> Result {
        let server = try await FakeRegistry(cut, answer)
        do {
            let result = try await body(server)
            try await server.channel.close()
            return result
        } catch {
            try? await server.channel.close()
            throw error
        }
    }

    private init(_ cut: @escaping Cut, _ answer: @escaping @Sendable (Request) -> Answer) async throws {
        let log = Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(Handler(cut: cut, answer: answer, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let cut: Cut
        private let answer: @Sendable (Request) -> Answer
        private let log: Log
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []
        private var most: Int?

        init(cut: @escaping Cut, answer: @escaping @Sendable (Request) -> Answer, log: Log) {
            self.cut = cut
            self.answer = answer
            self.log = log
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
                most = cut(head)
            case .body(let piece):
                body += piece.readableBytesView
                guard let most, body.count >= most, let head else { return }
                log.append(Request(method: head.method.rawValue, uri: head.uri, headers: head.headers, body: Array(body.prefix(most))))
                self.head = nil
                context.close(promise: nil)
            case .end: respond(context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func respond(_ context: ChannelHandlerContext) {
            guard let head else { return }
            let request = Request(method: head.method.rawValue, uri: head.uri, headers: head.headers, body: body)
            log.append(request)
            let answer = answer(request)
            var headers = HTTPHeaders(answer.headers)
            let announced = answer.announced ?? (answer.isEndless ? -1 : answer.body.count)
            if announced >= 0 { headers.replaceOrAdd(name: "content-length", value: "\(announced)") }
            let status = HTTPResponseStatus(statusCode: answer.status)
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
            guard head.method != .HEAD else { return end(context) }
            if answer.isEndless { return pour(answer.body, context) }
            if let drip = answer.drip { return trickle(answer.body[...], drip, context) }
            let sent = answer.body.prefix(answer.cutAfter ?? answer.stallAfter ?? .max)
            write(sent, context)
            if answer.cutAfter != nil { return context.close(promise: nil) }
            if answer.stallAfter == nil { end(context) }
        }

        private func write(_ bytes: some Sequence<UInt8>, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        }

        private func end(_ context: ChannelHandlerContext) { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }

        private func trickle(_ rest: ArraySlice<UInt8>, _ wait: TimeAmount, _ context: ChannelHandlerContext) {
            guard !rest.isEmpty, context.channel.isActive else { return end(context) }
            write(rest.prefix(1), context)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: wait) {
                let (handler, context) = bound.value
                handler.trickle(rest.dropFirst(), wait, context)
            }
        }

        private func pour(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            guard context.channel.isActive else { return }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes))))).whenSuccess {
                let (handler, context) = bound.value
                handler.pour(bytes, context)
            }
        }
    }
}
