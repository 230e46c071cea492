import API
import Foundation
import HTTPTypes
import Hummingbird
import IngotModel
import ServiceLifecycle

/// What a live answer sends next.
enum LiveBatch<Value: Encodable & Sendable>: Sendable {
    case values([Value])
    /// The last ones; the answer ends after them.
    case last([Value])
}

/// A live answer: server-sent events, one a value.
///
/// It reads when it is woken, and is read from as fast as its reader takes it: while a reader is slow nothing is read, so
/// nothing piles up. A comment is sent when there was nothing for a while, which finds readers that have gone.
enum LiveBody {
    static let keepAlive = Duration.seconds(15)

    /// - Parameters:
    ///   - wakes: something may be there. Its end ends the answer with a problem: the daemon stops.
    ///   - read: what is there.
    static func response<Value: Encodable & Sendable>(
        wakes: AsyncStream<Void>, read: @escaping @Sendable () async throws -> LiveBatch<Value>
    ) -> Response {
        let body = ResponseBody { writer in
            do {
                try await write(wakes, read, to: &writer)
                try await writer.write(frame(EventStream.endName, "{}"))
            } catch {
                let problem = Answers.problemDetails(of: error)
                try await writer.write(frame(EventStream.problemName, try CanonicalJSON.text(problem)))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: EventStream.mediaType, .cacheControl: "no-store"], body: body)
    }

    private static func write<Value: Encodable & Sendable>(
        _ wakes: AsyncStream<Void>, _ read: @Sendable () async throws -> LiveBatch<Value>, to writer: inout any ResponseBodyWriter
    ) async throws {
        var lastWrite = ContinuousClock.now
        // Sent at once, so that the reader knows that the answer has begun.
        try await writer.write(ByteBuffer(string: ":\n\n"))
        for await _ in wakes {
            let batch = try await read()
            switch batch {
            case .values(let values), .last(let values):
                if !values.isEmpty {
                    try await writer.write(try frames(values))
                    lastWrite = .now
                } else if lastWrite.duration(to: .now) >= keepAlive {
                    try await writer.write(ByteBuffer(string: ":\n\n"))
                    lastWrite = .now
                }
            }
            if case .last = batch { return }
        }
        throw ControlError("stopping", "the daemon is stopping", remedy: "ask again once it runs", fault: .world, kind: .unavailable)
    }

    private static func frames(_ values: [some Encodable]) throws -> ByteBuffer {
        ByteBuffer(string: try values.map { "data: \(try CanonicalJSON.text($0))\n\n" }.joined())
    }

    private static func frame(_ name: String, _ data: String) -> ByteBuffer { ByteBuffer(string: "event: \(name)\ndata: \(data)\n\n") }
}

/// Reasons to look, as one stream: the first at once, then each time something comes or some time has passed.
enum LiveWakes {
    /// Ends when the source ends, or when the daemon is told to stop.
    static func make<Value: Sendable>(on source: AsyncStream<Value>, every interval: Duration = LiveBody.keepAlive) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in source.cancelOnGracefulShutdown() { continuation.yield() }
                }
                group.addTask { while (try? await Task.sleep(for: interval)) != nil { continuation.yield() } }
                await group.next()
                group.cancelAll()
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }
}
