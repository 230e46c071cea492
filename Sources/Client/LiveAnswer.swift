import API
import AsyncHTTPClient
import Foundation
import IngotModel
import NIOCore

/// A live answer of the daemon: server-sent events, each one value.
///
/// It asks when it is iterated, and reads only as fast as it is: the daemon waits, nothing is kept without bound.
/// It ends when the daemon says that there is nothing more, and throws `ClientError` when the daemon goes away before.
public struct LiveAnswer<Element: Decodable & Sendable>: AsyncSequence, Sendable {
    private let connection: Connection
    private let path: String

    init(_ connection: Connection, _ path: String) {
        self.connection = connection
        self.path = path
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection, path: path) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let connection: Connection
        fileprivate let path: String
        private var body: HTTPClientResponse.Body.AsyncIterator?
        private var parser = ServerSentEventParser(limit: Limits.serverSentEvent.bytes)
        private var received: ArraySlice<ServerSentEvent> = []
        private var hasEnded = false

        fileprivate init(connection: Connection, path: String) {
            self.connection = connection
            self.path = path
        }

        public mutating func next() async throws -> Element? {
            while !hasEnded {
                if let event = received.popFirst() { return try value(of: event) }
                try await receive()
            }
            return nil
        }

        private mutating func value(of event: ServerSentEvent) throws -> Element? {
            let bytes = Array(event.data.utf8)
            switch event.name {
            case EventStream.endName:
                hasEnded = true
                return nil
            case EventStream.problemName:
                hasEnded = true
                throw Connection.problem(bytes, 200, path)
            default:
                return try Client.decode(bytes, from: path)
            }
        }

        private mutating func receive() async throws {
            var iterator = try await openedBody()
            let buffer: ByteBuffer?
            do {
                buffer = try await iterator.next(isolation: nil)
            } catch let error where !(error is CancellationError) {
                throw ClientError.streamBroken(path, cause: error)
            }
            body = iterator
            guard let buffer else { throw ClientError.streamBroken(path) }
            do {
                received = try parser.read(buffer.readableBytesView)[...]
            } catch {
                throw ClientError.tooLarge(path, limit: Limits.serverSentEvent)
            }
        }

        private mutating func openedBody() async throws -> HTTPClientResponse.Body.AsyncIterator {
            if let body { return body }
            return try await connection.open(path).makeAsyncIterator()
        }
    }
}
