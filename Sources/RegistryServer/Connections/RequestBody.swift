internal import NIOCore
internal import NIOHTTP1

/// What comes over one connection, request by request. Nothing is read before it is asked for, so whoever sends too fast waits.
final class RequestBody {
    /// How much is handed on at once: enough that a piece of work costs nothing beside its bytes.
    static let batch = 512 << 10

    private var parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    /// Whether all of the request has come.
    private(set) var isEnded = true

    init(_ parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator) { self.parts = parts }

    /// The next request's head; `nil` when the connection has ended.
    func head() async throws -> HTTPRequestHead? {
        while let part = try await parts.next() {
            guard case .head(let head) = part else { continue }
            isEnded = false
            return head
        }
        return nil
    }

    /// Some of the body; `nil` at its end. Throws `ChannelError.inputClosed` when the connection ended before it.
    func next() async throws -> ByteBuffer? {
        while !isEnded {
            // A cut, a reset, half a chunk: that it ended is all that counts.
            guard let part = try? await parts.next() else {
                isEnded = true
                throw ChannelError.inputClosed
            }
            switch part {
            case .body(let buffer) where buffer.readableBytes > 0: return buffer
            case .end: isEnded = true
            case .head, .body: continue
            }
        }
        return nil
    }

    /// Calls with pieces of about `batch` bytes until the body ends. What came before a cut is handed on, too.
    func forEachBatch(_ body: ([ByteBuffer]) async throws -> Void) async throws {
        var waiting: [ByteBuffer] = []
        var count = 0
        var cut: (any Error)?
        while cut == nil {
            do {
                guard let buffer = try await next() else { break }
                waiting.append(buffer)
                count += buffer.readableBytes
            } catch { cut = error }
            guard count >= Self.batch else { continue }
            try await body(waiting)
            waiting = []
            count = 0
        }
        if !waiting.isEmpty { try await body(waiting) }
        if let cut { throw cut }
    }

    /// Reads on to the end, if it is not far. Returns whether it was reached.
    func drain(limit: Int) async throws -> Bool {
        var count = 0
        while count <= limit, let buffer = try await next() { count += buffer.readableBytes }
        return isEnded
    }
}
