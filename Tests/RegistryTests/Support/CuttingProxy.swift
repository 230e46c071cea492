import NIOCore
import NIOPosix

@testable import Registry

/// Stands between a client and a server, for the length of a test, and ends one connection in the middle of the first blob that is sent.
final class CuttingProxy: Sendable {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let target: Int
    private let most: Int
    private let whileCut: @Sendable (String) async throws -> Void
    private let state = Synchronized(State())

    private struct State {
        var sent = 0
        var isCut = false
    }

    private struct Cut: Error {}

    /// How many bytes the server was sent, heads among them.
    var sent: Int { state.change { $0.sent } }
    var isCut: Bool { state.change { $0.isCut } }

    /// Calls the body with the proxy and its port.
    ///
    /// - Parameters:
    ///   - target: the server's port.
    ///   - most: after so many bytes of a request by which a blob is sent the connection ends, once.
    ///   - whileCut: called with the address of that request when the server's side of it has ended, and before the client's does.
    static func with(
        target: Int, most: Int, whileCut: @escaping @Sendable (String) async throws -> Void,
        _ body: @Sendable (CuttingProxy, Int) async throws -> Void
    ) async throws {
        let proxy = CuttingProxy(target: target, most: most, whileCut: whileCut)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        let port = server.channel.localAddress?.port ?? 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await proxy.accept(server) }
            try await body(proxy, port)
            group.cancelAll()
        }
    }

    private init(target: Int, most: Int, whileCut: @escaping @Sendable (String) async throws -> Void) {
        self.target = target
        self.most = most
        self.whileCut = whileCut
    }

    private func accept(_ server: NIOAsyncChannel<Connection, Never>) async throws {
        try await server.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                // Connections end as they will: what counts is what the test sees.
                for try await client in clients { group.addTask { try? await self.pass(client) } }
            }
        }
    }

    private func pass(_ client: Connection) async throws {
        let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: target) { channel in
            channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
        }
        try await client.executeThenClose { requests, toClient in
            try await server.executeThenClose { answers, _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await piece in answers { try await toClient.write(piece) } }
                    group.addTask { try await self.forward(requests, to: server.channel) }
                    try await group.waitForAll()
                }
            }
        }
    }

    private func forward(_ requests: NIOAsyncChannelInboundStream<ByteBuffer>, to server: any Channel) async throws {
        /// The address of the request by which a blob is sent, and how much of it came.
        var upload: (address: String, count: Int)?
        for try await var piece in requests {
            if let address = Self.address(ofUpload: piece) { upload = (address, 0) }
            if let (address, count) = upload {
                upload = (address, count + piece.readableBytes)
                if count + piece.readableBytes >= most, cut() {
                    if let rest = piece.readSlice(length: most - count) { try await send(rest, to: server) }
                    try await server.close()
                    try await whileCut(address)
                    throw Cut()
                }
            }
            try await send(piece, to: server)
        }
        try await server.close()
    }

    /// Whether this is the first time.
    private func cut() -> Bool {
        state.change { state in
            defer { state.isCut = true }
            return !state.isCut
        }
    }

    private func send(_ piece: ByteBuffer, to server: any Channel) async throws {
        state.change { $0.sent += piece.readableBytes }
        try await server.writeAndFlush(piece)
    }

    /// Of a piece that begins with such a request; a client begins a piece with each request.
    private static func address(ofUpload piece: ByteBuffer) -> String? {
        let line = String(decoding: piece.readableBytesView.prefix(300), as: UTF8.self).prefix { $0 != "\r\n" }.split(separator: " ")
        guard line.count == 3, line[0] == "PUT", line[1].contains("/blobs/uploads/") else { return nil }
        return String(line[1].prefix { $0 != "?" })
    }
}
