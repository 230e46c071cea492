import Foundation
import IngotModel
import NIOCore
import NIOPosix
import Synchronization

/// One HTTP request that is held under way while something happens to who answers it.
struct RequestUnderWay: Sendable {
    struct Answer: Hashable, Sendable {
        var fate: StopRecord.Fate
        var status: Int?
        /// Whether it began to come before anything had happened.
        var wasEarly = false
    }

    private let host: String
    private let port: Int
    private let path: String
    /// Whether the end of its head is sent only after that.
    private let isHalfSent: Bool

    init(url: String, path: String, isHalfSent: Bool) throws(GateError) {
        guard let parts = URLComponents(string: url), let host = parts.host else {
            throw GateError(code: "gates.address", message: "'\(url)' is no address of an instance", fault: .world)
        }
        self.host = host
        port = parts.port ?? 80
        self.path = path
        self.isHalfSent = isHalfSent
    }

    /// - Parameters:
    ///   - limit: how long the answer may take.
    ///   - sent: called when it is on its way.
    ///   - happen: called then; its value is returned with the answer, `nil` when there was no connection.
    func run<Value: Sendable>(
        within limit: Milliseconds, sent: () async throws -> Void, then happen: () async throws -> Value
    ) async throws -> (Answer, Value?) {
        let arrival = ArrivalNote()
        guard let channel = try? await connect(arrival) else { return (Answer(fate: .refused), nil) }
        let isLate = Mutex(false)
        let end = channel.channel.eventLoop.scheduleTask(in: .milliseconds(Int64(limit.count))) {
            isLate.withLock { $0 = true }
            channel.channel.close(promise: nil)
        }
        defer { end.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            // Source: RFC 9112, sections 2.1 and 3.2.
            let head = "GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n"
            do { try await outbound.write(ByteBuffer(string: isHalfSent ? head : "\(head)\r\n")) } catch { return (Answer(fate: .refused), nil) }
            try await sent()
            let wasEarly = arrival.hasCome
            let value = try await happen()
            // A connection that is closed already is seen when it is read.
            if isHalfSent { try? await outbound.write(ByteBuffer(string: "\r\n")) }
            var reading = AnswerReading()
            // A reset ends the answer as a close does.
            do {
                for try await part in inbound {
                    reading.append(part.readableBytesView)
                    if reading.isWhole { break }
                }
            } catch {}
            reading.end()
            let fate: StopRecord.Fate = reading.isWhole ? .answered : isLate.withLock { $0 } ? .unanswered : .cut
            return (Answer(fate: fate, status: reading.status, wasEarly: wasEarly), value)
        }
    }

    private func connect(_ arrival: ArrivalNote) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(arrival)
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }
}

/// Notes that something has come.
private final class ArrivalNote: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let come = Mutex(false)
    var hasCome: Bool { come.withLock { $0 } }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        come.withLock { $0 = true }
        context.fireChannelRead(data)
    }
}
