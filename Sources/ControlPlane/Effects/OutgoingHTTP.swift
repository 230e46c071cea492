import AsyncHTTPClient
import IngotModel
import NIOCore
import NIOHTTP1
import NIOSSL

/// Requests to what the user named, and to instances: one connection each, no redirect followed, with a deadline and a limit for all of it.
enum OutgoingHTTP {
    struct Answer: Sendable {
        var status: Int
        /// At most the limit that was asked for; the rest was not read.
        var body: [UInt8]
        /// From the request until the answer's head.
        var latency: Duration
    }

    /// Why there was no answer.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// One for the process, never shut down, so that those who use it are plain values.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10)))
        configuration.connectionPool.retryConnectionEstablishment = false
        // With its 8 connections to a host, requests to one that hangs would wait here for each other, and be counted against it.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        // The least there is in common: what is asked are instances of any age.
        configuration.httpVersion = .http1Only
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        configuration.tlsConfiguration = tls
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// - Throws: `Failure` when there is no whole answer before the deadline, `CancellationError` when the task was cancelled.
    static func send(
        _ method: HTTPMethod, _ address: String, headers: [(String, String)] = [], body: [UInt8]? = nil, deadline: Milliseconds,
        bodyLimit: ByteSize
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.method = method
        // A connection that was kept may be gone by the next request, and that would count against who closed it.
        request.headers.add(name: "Connection", value: "close")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let ready = request
        do {
            return try await within(deadline) { try await exchange(ready, bodyLimit) }
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw error as? Failure ?? Failure(description: "no answer from \(address.prefix(200)): \(error)")
        }
    }

    private static func exchange(_ request: HTTPClientRequest, _ bodyLimit: ByteSize) async throws -> Answer {
        let began = ContinuousClock.now
        let response = try await client.execute(request, deadline: .distantFuture)
        let latency = ContinuousClock.now - began
        var body: [UInt8] = []
        for try await part in response.body {
            body += part.readableBytesView.prefix(bodyLimit.bytes - body.count)
            if body.count >= bodyLimit.bytes { break }
        }
        return Answer(status: Int(response.status.code), body: body, latency: latency)
    }

    private static func within(_ deadline: Milliseconds, _ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: deadline.duration)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else { throw Failure(description: "no answer within \(deadline)") }
            return answer
        }
    }
}
