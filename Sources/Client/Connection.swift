import API
import AsyncHTTPClient
import Foundation
import IngotModel
import NIOCore
import NIOHTTP1

/// Requests and answers, over the daemon's socket or the network. It knows nothing of what they mean.
struct Connection: Sendable {
    /// Asked for with each request: a token's file may have another token by then.
    let place: @Sendable () throws -> DaemonPlace

    /// How long an answer that is not live may take. Starting a throwaway instance is the slowest.
    private static let patience = TimeAmount.minutes(2)

    /// Sends a request and reads the whole answer.
    ///
    /// - Parameter isLast: whether the connection is closed after it.
    func ask(_ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, isLast: Bool = false) async throws -> [UInt8] {
        let place = try place()
        let response = try await send(method, path, to: place, body: body, deadline: .now() + Self.patience, isLast: isLast)
        let bytes = try await collect(response, path, from: place)
        guard (200..<300).contains(response.status.code) else { throw Self.problem(bytes, response.status.code, path) }
        return bytes
    }

    /// Sends a request whose answer is live, and returns its body once the daemon has begun to answer.
    func open(_ path: String) async throws -> HTTPClientResponse.Body {
        let place = try place()
        let response = try await send(.GET, path, to: place, body: nil, deadline: .distantFuture)
        guard response.status == .ok else { throw Self.problem(try await collect(response, path, from: place), response.status.code, path) }
        return response.body
    }

    private func send(
        _ method: HTTPMethod, _ path: String, to place: DaemonPlace, body: [UInt8]?, deadline: NIODeadline, isLast: Bool = false
    ) async throws -> HTTPClientResponse {
        var (request, http) = try Self.request(path, to: place)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json, \(EventStream.mediaType), \(Problem.mediaType)")
        if isLast { request.headers.add(name: "Connection", value: "close") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        do {
            return try await http.execute(request, deadline: deadline)
        } catch let error as CancellationError {
            throw error
        } catch {
            if case .socket(let socket) = place { try SocketProbe.check(socket) }
            throw ClientError.unreachable(place, cause: error)
        }
    }

    /// A request without its particulars. The token goes into a header of this one request, to this one origin.
    private static func request(_ path: String, to place: DaemonPlace) throws -> (HTTPClientRequest, HTTPClient) {
        switch place {
        case .socket(let socket):
            try SocketProbe.check(socket)
            guard let url = URL(httpURLWithSocketPath: socket, uri: path) else { throw ClientError.pathTooLong(socket) }
            return (HTTPClientRequest(url: url.absoluteString), try HTTPClients.client(trusting: nil))
        case .remote(let daemon):
            var request = HTTPClientRequest(url: daemon.origin.text + path)
            request.headers.add(name: "Authorization", value: BearerAuthorization.value(for: daemon.token))
            return (request, try HTTPClients.client(trusting: daemon.authorities))
        }
    }

    private func collect(_ response: HTTPClientResponse, _ path: String, from place: DaemonPlace) async throws -> [UInt8] {
        do {
            return Array(buffer: try await response.body.collect(upTo: Limits.responseBody.bytes))
        } catch is NIOTooManyBytesError {
            throw ClientError.tooLarge(path, limit: Limits.responseBody)
        } catch let error where !(error is CancellationError) {
            throw ClientError.unreachable(place, cause: error)
        }
    }

    static func problem(_ body: [UInt8], _ status: UInt, _ path: String) -> ClientError {
        guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(body)) else {
            return .notUnderstood(path, "status \(status) without problem details")
        }
        return ClientError(problem.report)
    }
}
