internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// One question to a source: over a connection of its own, no redirect followed (it could lead credentials elsewhere), with a deadline and a limit
/// for all of it.
struct SourceRequest: Sendable {
    /// How long an answer may take, and how large it may be.
    struct Bounds: Sendable {
        /// Servers on the network.
        static let server = Bounds(connect: .seconds(5), deadline: .seconds(5), answerLimit: 4 << 20)
        /// Addresses of this machine and its surroundings: what does not answer at once is not there. The SDKs of AWS wait for 1 s, too.
        static let metadata = Bounds(connect: .seconds(1), deadline: .seconds(2), answerLimit: 65_536)

        let deadline: Duration
        let answerLimit: Int
        /// One for the process, never shut down, so that those who use it are plain values.
        fileprivate let client: HTTPClient

        init(connect: TimeAmount, deadline: Duration, answerLimit: Int) {
            var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: connect))
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.httpVersion = .http1Only
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.minimumTLSVersion = .tlsv12
            configuration.tlsConfiguration = tls
            client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            self.deadline = deadline
            self.answerLimit = answerLimit
        }
    }

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
    var bounds = Bounds.server
    /// What to do when nothing answers.
    var remedy = "see that it runs, and its address in secret-sources.yaml"

    /// - Throws: `SecretError`: `down`, `slow`, `malformed` for an answer that is too large.
    func send() async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await exchange() }
            group.addTask {
                try await Task.sleep(for: bounds.deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else {
                throw SecretError(.slow, "\(source) gave no answer within \(bounds.deadline.components.seconds) s", remedy: remedy)
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
            let response = try await bounds.client.execute(request, deadline: .distantFuture)
            var body: [UInt8] = []
            for try await part in response.body {
                body += part.readableBytesView
                guard body.count <= bounds.answerLimit else { throw SecretError(.malformed, "\(source) gave an answer that is too large") }
            }
            return Answer(status: Int(response.status.code), body: body)
        } catch let error as SecretError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // The words of the network: they know the address and nothing of what was sent.
            throw SecretError(.down, "\(source) can't be reached: \(error)", remedy: remedy)
        }
    }
}
