internal import AsyncHTTPClient
internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One request to one address. Redirects are not followed here.
struct Exchange: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8], type: String)
        case blob(BlobPieces)
    }

    var method: HTTPMethod
    var url: URL
    var headers: HTTPHeaders
    var body: Body

    init(_ method: HTTPMethod, _ url: URL, headers: HTTPHeaders = [:], body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Requests and answers, with what failed said in our words.
struct Transport: Sendable {
    private let client: HTTPClient
    let limits: RegistryLimits

    init(_ limits: RegistryLimits) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(
            connect: Self.amount(limits.connection), read: Self.amount(limits.patience), write: Self.amount(limits.patience))
        configuration.decompression = .disabled
        // Several connections carry more than one with several streams.
        configuration.httpVersion = .http1Only
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        configuration.tlsConfiguration = tls
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(limits.questions, limits.transfers)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.limits = limits
    }

    func shutdown() async { try? await client.shutdown() }

    private static func amount(_ duration: Duration) -> TimeAmount { .nanoseconds(Int64(duration / .nanoseconds(1))) }

    /// - Throws: `RegistryError`, transient where the connection was at fault; whatever reading the body to send threw.
    func execute(_ exchange: Exchange) async throws -> Response {
        var request = HTTPClientRequest(url: exchange.url.absoluteString)
        request.method = exchange.method
        request.headers = exchange.headers
        request.headers.replaceOrAdd(name: "user-agent", value: "ingot")
        var deadline = limits.answer
        switch exchange.body {
        case .none: break
        case .bytes(let bytes, let type):
            request.headers.replaceOrAdd(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(bytes: bytes))
        case .blob(let pieces):
            request.headers.replaceOrAdd(name: "content-type", value: MediaType.bytes)
            request.body = .stream(pieces, length: .known(Int64(pieces.count)))
            deadline = limits.deadline(bytes: pieces.count)
        }
        let host = exchange.url.host() ?? "the registry"
        do {
            let (sent, client) = (request, client)
            return try await within(deadline, "a request to \(host)") { Response(try await client.execute(sent, deadline: .distantFuture)) }
        } catch {
            throw Self.failure(error, host)
        }
    }

    /// The whole of a small answer.
    func body(_ response: Response, limit: ByteSize, _ what: String) async throws -> [UInt8] {
        if let length = response.header("content-length").flatMap(Int.init), length > limit.bytes {
            throw RegistryError.tooLarge(what, limit: "\(limit)")
        }
        do {
            return try await within(limits.answer, what) {
                var bytes: [UInt8] = []
                guard let body = response.takeBody() else { return bytes }
                for try await piece in body {
                    guard piece.readableBytes <= limit.bytes - bytes.count else { throw RegistryError.tooLarge(what, limit: "\(limit)") }
                    bytes.append(contentsOf: piece.readableBytesView)
                }
                return bytes
            }
        } catch {
            throw Self.interruption(error, what)
        }
    }

    /// Reads what is left, so that the connection can be used again.
    func drain(_ response: Response) async { _ = try? await body(response, limit: limits.refusal, "an answer") }

    /// What an answer that says no means.
    func refusal(_ response: Response, _ host: String, _ what: String) async -> RegistryError {
        let bytes = (try? await body(response, limit: limits.refusal, "an answer")) ?? []
        return Refusal(status: response.status, body: bytes, retryAfter: response.header("retry-after")).error(host, what)
    }

    /// An error in the middle of an answer: whoever began one speaks with us, so the connection broke.
    static func interruption(_ error: any Error, _ what: String) -> any Error {
        let failure = failure(error, what)
        guard let known = failure as? RegistryError, known.reason == .unreachable, !known.isTransient else { return failure }
        return RegistryError.cut(what, "the connection broke", cause: error)
    }

    /// An error of the connection, in our words. Those of ours stay as they are.
    static func failure(_ error: any Error, _ what: String) -> any Error {
        switch error {
        case is RegistryError, is StoreError, is CancellationError: return error
        case let error as HTTPClientError: return failure(error, what)
        case let error as NIOConnectionError:
            // Several addresses were tried, or the name could not be found at all.
            let why = error.connectionErrors.isEmpty ? "its name is not found" : "no connection is made"
            return RegistryError(
                .unreachable, "\(what) cannot be reached: \(why)", remedy: "check the name, the port, and that it runs", cause: error,
                isTransient: !error.connectionErrors.isEmpty)
        case is IOError, is ChannelError: return RegistryError.cut(what, "the connection broke", cause: error)
        default:
            return RegistryError(
                .unreachable, "\(what) cannot be spoken with", remedy: "check that it speaks HTTPS with a certificate that this machine trusts",
                cause: error)
        }
    }

    private static func failure(_ error: HTTPClientError, _ what: String) -> any Error {
        switch error {
        case .cancelled: CancellationError()
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            RegistryError(
                .timedOut, "\(what) does not answer", remedy: "check the name, the port, and that it runs", cause: error, isTransient: true)
        case .readTimeout, .writeTimeout, .deadlineExceeded:
            RegistryError(.timedOut, "\(what) stopped in the middle", remedy: "try again later", cause: error, isTransient: true)
        case .remoteConnectionClosed: RegistryError.cut(what, "it closed the connection", cause: error)
        default: RegistryError(.unreachable, "\(what) cannot be spoken with", cause: error)
        }
    }
}

/// An answer that is no success. Source: OCI Distribution Specification 1.1, "Error Codes".
struct Refusal {
    var status: Int
    var body: [UInt8]
    var retryAfter: String?

    private struct Document: Decodable {
        struct Item: Decodable {
            var code: String?
            var message: String?
        }
        var errors: [Item]?
    }

    static let transient: Set = [408, 425, 429, 500, 502, 503, 504]

    /// What the registry itself says, if it says something.
    var words: String? {
        guard let item = (try? JSONDecoder().decode(Document.self, from: Data(body)))?.errors?.first else { return nil }
        let text = [item.code, item.message].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
        return text.isEmpty ? nil : printable(text)
    }

    func error(_ host: String, _ what: String) -> RegistryError {
        let said = words.map { ": \($0)" } ?? ""
        switch status {
        case 401:
            return RegistryError(
                .unauthorized, "\(host) asks for a login for \(what)\(said)", remedy: "log in: docker login \(host)", fault: .user, status: status)
        case 403:
            return RegistryError(
                .unauthorized, "\(host) does not permit \(what)\(said)",
                remedy: "ask for the right, or log in as somebody who has it: docker login \(host)",
                fault: .user, status: status)
        case 404:
            return RegistryError(.notFound, "\(host) does not have \(what)\(said)", remedy: "check the name", fault: .user, status: status)
        default:
            let isTransient = Self.transient.contains(status)
            return RegistryError(
                .refused, "\(host) answers \(status) for \(what)\(said)", remedy: isTransient ? "try again later" : nil, isTransient: isTransient,
                retryAfter: retryAfter.flatMap(Self.seconds), status: status)
        }
    }

    /// Dates are not read: whoever sends one gets the usual wait.
    static func seconds(_ text: String) -> Duration? {
        guard text.utf8.count <= 6, let seconds = Int(text.trimmingPrefix { $0 == " " }), seconds >= 0 else { return nil }
        return .seconds(seconds)
    }
}
