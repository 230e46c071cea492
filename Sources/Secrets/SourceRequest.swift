internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// One question to a source: over a connection of its own, no redirect followed (it could lead credentials elsewhere), with a deadline and a limit
/// for all of it.
struct SourceRequest: Sendable {
    static let deadline = Duration.seconds(5)
    static let answerLimit = 4 << 20

    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
    }

    /// For messages: `OpenBao at https://bao.internal:8200`.
    var source: String
    var method: HTTPMethod = .GET
    var address: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?

    /// One for the process, never shut down, so that those who use it are plain values.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        configuration.tlsConfiguration = tls
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// - Throws: `SecretError`: `down`, `slow`, `malformed` for an answer that is too large.
    func send() async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await exchange() }
            group.addTask {
                try await Task.sleep(for: Self.deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else {
                throw SecretError(.slow, "\(source) gave no answer within \(Self.deadline.components.seconds) s", remedy: "see how it is")
            }
            return answer
        }
    }

    private func exchange() async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.method = method
        request.headers.add(name: "Connection", value: "close")
        for header in headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
        if let body { request.body = .bytes(body) }
        do {
            let response = try await Self.client.execute(request, deadline: .distantFuture)
            var body: [UInt8] = []
            for try await part in response.body {
                body += part.readableBytesView
                guard body.count <= Self.answerLimit else { throw SecretError(.malformed, "\(source) gave an answer that is too large") }
            }
            return Answer(status: Int(response.status.code), body: body)
        } catch let error as SecretError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // The words of the network: they know the address and nothing of what was sent.
            throw SecretError(.down, "\(source) can't be reached: \(error)", remedy: "see that it runs, and its address in secret-sources.yaml")
        }
    }
}
