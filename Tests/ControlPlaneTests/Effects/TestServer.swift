import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// How long a condition is waited for: other tests may keep every processor busy meanwhile.
let patience = Duration.seconds(180)

/// An HTTP server on a port of the loopback, for the length of a test.
final class TestServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// With its query.
        var path: String
        var host: String
        var body: String
    }
    struct Answer: Sendable {
        var status = 200
        var body = ""
        /// Holds the answer back until then; `nil` answers at once.
        var after: (@Sendable () async -> Void)?
    }

    private let log = Mutex<[Request]>([])
    var requests: [Request] { log.withLock { $0 } }

    static func with<Result: Sendable>(
        _ answer: @escaping @Sendable (Request) -> Answer, _ body: @Sendable (TestServer, Int) async throws -> Result
    ) async throws -> Result {
        let server = TestServer()
        let (ports, found) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder { (request: Hummingbird.Request, _: BasicRequestContext) in
                let seen = Request(
                    method: request.method.rawValue, path: request.uri.string, host: request.head.authority ?? "",
                    body: String(buffer: try await request.body.collect(upTo: 1_000_000)))
                server.log.withLock { $0.append(seen) }
                let answer = answer(seen)
                await answer.after?()
                return Response(status: .init(code: answer.status), body: .init(byteBuffer: ByteBuffer(string: answer.body)))
            }, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in found.yield(channel.localAddress?.port ?? 0) }, logger: quiet)
        // Cancelled while it takes a connection, it would end the process: NIO traps on a writer that nobody has finished.
        var configuration = ServiceGroupConfiguration(services: [application], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        let services = ServiceGroup(configuration: configuration)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await services.run() }
            var iterator = ports.makeAsyncIterator()
            let port = await iterator.next() ?? 0
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(server, port)) } catch { result = .failure(error) }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return try result.get()
        }
    }
}

/// Holds back whoever passes, until it is opened.
final class Gate: Sendable {
    private let isOpen = Mutex(false)
    func open() { isOpen.withLock { $0 = true } }
    func pass() async {
        while !isOpen.withLock({ $0 }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
    }
}
