import API
import Foundation
import HTTPTypes
import Hummingbird
import IngotModel
import ServiceLifecycle
import Synchronization

/// One thing that a live answer is made of.
enum LiveItem<Value: Sendable>: Sendable {
    case value(Value)
    /// There was nothing for a while.
    case tick
    /// There is nothing more; without it, the daemon stops.
    case end
}

/// A live answer: server-sent events, one a value.
///
/// It reads as fast as its reader takes it, so nothing piles up while a reader is slow. A comment is sent when there was nothing for a while, which finds readers that have gone.
enum LiveBody {
    static let keepAlive = Duration.seconds(15)

    /// - Parameter items: their end without `end` ends the answer with a problem.
    static func response<Value: Encodable & Sendable>(_ items: AsyncStream<LiveItem<Value>>) -> Response {
        live { writer in
            for await item in items {
                switch item {
                case .value(let value): try await writer.write(frames([value]))
                case .tick: try await writer.write(comment)
                case .end: return true
                }
            }
            return false
        }
    }

    /// - Parameters:
    ///   - wakes: something may be there. Their end ends the answer with a problem.
    ///   - read: what is there; nothing sends a comment.
    static func response<Value: Encodable & Sendable>(wakes: AsyncStream<Void>, read: @escaping @Sendable () async throws -> [Value]) -> Response {
        live { writer in
            for await _ in wakes {
                let values = try await read()
                try await writer.write(values.isEmpty ? comment : frames(values))
            }
            return false
        }
    }

    /// One value, sent when it is another than the last.
    ///
    /// - Parameters:
    ///   - wakes: it may have changed. Their end ends the answer with a problem.
    ///   - read: what it is.
    static func changes<Value: Encodable & Equatable & Sendable>(
        wakes: AsyncStream<Void>, of read: @escaping @Sendable () async throws -> Value
    ) -> Response {
        let last = Mutex<Value?>(nil)
        return response(wakes: wakes) {
            let value = try await read()
            let isNew = last.withLock { last in
                defer { last = value }
                return last != value
            }
            return isNew ? [value] : []
        }
    }

    /// - Parameter write: writes everything, and says whether there is nothing more.
    private static func live(_ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Bool) -> Response {
        let body = ResponseBody { writer in
            do {
                // Sent at once, so that the reader knows that the answer has begun.
                try await writer.write(comment)
                guard try await write(&writer) else { throw stopping }
                try await writer.write(frame(EventStream.endName, "{}"))
            } catch {
                let problem = Answers.problemDetails(of: error)
                try await writer.write(frame(EventStream.problemName, try CanonicalJSON.text(problem)))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: EventStream.mediaType, .cacheControl: "no-store"], body: body)
    }

    private static var stopping: ControlError {
        ControlError("stopping", "the daemon is stopping", remedy: "ask again once it runs", fault: .world, kind: .unavailable)
    }

    private static var comment: ByteBuffer { ByteBuffer(string: ":\n\n") }

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

/// A stream and the passing of time, as one.
enum LiveItems {
    /// How many values wait for a slow reader; then the oldest are lost.
    static let mostWaiting = 10_000

    /// Ends without `end` when the daemon is told to stop.
    static func make<Value: Sendable>(of source: AsyncStream<Value>, every interval: Duration = LiveBody.keepAlive) -> AsyncStream<LiveItem<Value>> {
        let (stream, continuation) = AsyncStream<LiveItem<Value>>.makeStream(bufferingPolicy: .bufferingNewest(mostWaiting))
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await cancelWhenGracefulShutdown {
                        for await value in source { continuation.yield(.value(value)) }
                        if !Task.isCancelled { continuation.yield(.end) }
                    }
                }
                group.addTask { while (try? await Task.sleep(for: interval)) != nil { continuation.yield(.tick) } }
                await group.next()
                group.cancelAll()
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }
}
