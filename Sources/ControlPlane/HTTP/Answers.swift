import API
import Foundation
import HTTPTypes
import Hummingbird
import IngotModel
import NIOCore

/// Values as HTTP answers.
enum Answers {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, mediaType: String = "application/json") throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(value)
        return Response(
            status: status, headers: [.contentType: mediaType, .contentLength: "\(bytes.count)"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func text(_ text: String, mediaType: String) -> Response {
        let buffer = ByteBuffer(string: text)
        return Response(
            status: .ok, headers: [.contentType: mediaType, .contentLength: "\(buffer.readableBytes)"], body: ResponseBody(byteBuffer: buffer))
    }

    static var nothing: Response { Response(status: .noContent) }

    static func problem(_ error: any Error) -> Response {
        let problem = problemDetails(of: error)
        let status = HTTPResponse.Status(code: problem.status)
        var response = (try? json(problem, status: status, mediaType: Problem.mediaType)) ?? Response(status: .internalServerError)
        switch (error as? ControlError)?.kind {
        // Source: RFC 9110, section 11.6.1; RFC 6750, section 3.
        case .unauthenticated: response.headers[.wwwAuthenticate] = "Bearer realm=\"ingot\""
        case .tooMany:
            response.headers[.retryAfter] = "\(FailedAttempts.window.count / 1_000)"
            response.headers[.connection] = "close"
        default: break
        }
        return response
    }

    static func problemDetails(of error: any Error) -> Problem {
        if let error = error as? any HTTPResponseError { return problem(error) }
        let report = ErrorReport(error)
        return Problem(report, status: status(of: error, report.fault))
    }

    private static func status(of error: any Error, _ fault: Fault) -> Int {
        if let error = error as? ControlError { return error.kind.rawValue }
        return switch fault {
        case .user: 400
        case .gate: 403
        case .world: 500
        }
    }

    /// What the HTTP library itself refuses: an unknown route, a body that is too large.
    private static func problem(_ error: any HTTPResponseError) -> Problem {
        let (code, message, remedy): (String, String, String) =
            switch error.status.code {
            case 404: ("control.unknown-route", "there is no such path in the API", "use 'ingot' of the daemon's version")
            case 413: ("control.request-too-large", "the request is larger than \(Limits.requestBody)", "send less at once")
            default:
                ("control.invalid-request", "the request was not understood: \(error.status.reasonPhrase)", "use 'ingot' of the daemon's version")
            }
        return Problem(ErrorReport(code: code, message: message, remedy: remedy, fault: .user), status: error.status.code)
    }
}

/// What a request brings, checked.
enum Questions {
    static func body<Value: Decodable>(_ type: Value.Type, of request: Request) async throws -> Value {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: Limits.requestBody.bytes)
        } catch is NIOTooManyBytesError {
            throw ControlError("request-too-large", "the request is larger than \(Limits.requestBody)", kind: .tooLarge)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch let error as DecodingError {
            throw ControlError.invalid(
                "the body is not what \(request.uri.path) takes: \(explanation(of: error))", remedy: "use 'ingot' of the daemon's version")
        }
    }

    /// What a decoder did not like, and where, in one line.
    static func explanation(of error: DecodingError) -> String {
        let (what, context): (String, DecodingError.Context) =
            switch error {
            case .keyNotFound(let key, let context): ("'\(key.stringValue)' is missing", context)
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context.debugDescription, context)
            @unknown default: ("\(error)", DecodingError.Context(codingPath: [], debugDescription: ""))
            }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? what : "\(path): \(what)"
    }

    static func parameter<Value: TextCodable>(_ name: String, _ type: Value.Type, _ context: APIContext) throws -> Value {
        let text = context.parameters.get(name) ?? ""
        guard let value = Value(text: text) else { throw ControlError.invalid("'\(text.prefix(80))' is not \(Value.expectation)") }
        return value
    }

    static func number(_ name: String, _ context: APIContext) throws -> Int {
        let text = context.parameters.get(name) ?? ""
        guard let number = Int(text), number >= 0 else { throw ControlError.invalid("'\(text.prefix(80))' is not a number") }
        return number
    }

    static func environment(_ context: APIContext) throws -> EnvironmentID {
        EnvironmentID(
            service: try parameter("service", ServiceName.self, context), environment: try parameter("environment", EnvironmentName.self, context))
    }

    /// A whole number in the query; `nil` when it is not given.
    static func count(_ name: String, of request: Request) throws -> Int? {
        guard let text = request.uri.queryParameters[Substring(name)] else { return nil }
        guard let count = Int(text), count >= 0 else { throw ControlError.invalid("\(name)=\(text.prefix(80)) is not a number") }
        return count
    }

    static func value<Value: TextCodable>(_ name: String, _ type: Value.Type, of request: Request) throws -> Value? {
        guard let text = request.uri.queryParameters[Substring(name)] else { return nil }
        guard let value = Value(text: String(text)) else { throw ControlError.invalid("\(name)=\(text.prefix(80)) is not \(Value.expectation)") }
        return value
    }
}
