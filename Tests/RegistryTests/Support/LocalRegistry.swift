import AsyncHTTPClient
import Foundation
import Glibc
import ImageStore
import IngotModel
import Logging
import NIOCore
import NIOHTTP1
import RegistryServer
import SystemPackage
import Testing

@testable import Registry

/// The registry that Ingot serves, on a free port of the loopback with a store of its own, for the length of a test.
struct LocalRegistry: Sendable {
    let store: ImageStore
    let port: Int
    /// Of a token that may do everything.
    let secret: String
    var host: String { "127.0.0.1:\(port)" }

    static func with<Result: Sendable>(
        _ change: (inout RegistryServerConfiguration) -> Void = { _ in }, _ body: (LocalRegistry) async throws -> Result
    ) async throws -> Result {
        try await withStore { try await with($0, change, body) }
    }

    static func with<Result: Sendable>(
        _ store: ImageStore, _ change: (inout RegistryServerConfiguration) -> Void = { _ in }, _ body: (LocalRegistry) async throws -> Result
    ) async throws -> Result {
        var configuration = RegistryServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.limits.patience = .seconds(120)
        change(&configuration)
        let secret = try token(in: store, "all-\(UInt32.random(in: 0 ... .max))", ["**"], mayPush: true)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = RegistryServer(configuration, store: store, logger: logger, now: now) { continuation.yield($0) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await server.run()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await group.next()
                throw CancellationError()
            }
            let result = try await body(LocalRegistry(store: store, port: port, secret: secret))
            group.cancelAll()
            return result
        }
    }

    @Sendable static func now() -> Timestamp { Timestamp(secondsSince1970: time(nil)) }

    static func token(
        in store: ImageStore, _ name: String, _ patterns: [String], mayPush: Bool = false, lifetime: Milliseconds = .minutes(60)
    ) throws -> String {
        try RegistryTokens(root: store.root.string).create(
            name, repositories: patterns.compactMap { RepositoryPattern(text: $0) }, mayPush: mayPush, createdAt: now(), lifetime: lifetime
        ).secret
    }

    /// Of Ingot's own client, which logs in with the token for everything.
    func options(in store: ImageStore) throws -> RegistryOptions {
        var options = impatient()
        options.configurationFile = try configurationFile([host: (user: "any", password: secret)], in: store.root)
        return options
    }

    // MARK: Requests

    struct Reply: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        /// Of the first error.
        var code: String? {
            struct Document: Decodable {
                struct Entry: Decodable { var code: String }
                var errors: [Entry]
            }
            return try? JSONDecoder().decode(Document.self, from: Data(body)).errors.first?.code
        }
        func header(_ name: String) -> String? { headers.first(name: name) }
        func json<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONDecoder().decode(type, from: Data(body)) }
    }

    /// - Parameter authorization: the whole header; that of the token for everything when left out, and none when empty.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ path: String, _ headers: [String: String] = [:], body: [UInt8]? = nil, authorization: String? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "http://\(host)\(path)")
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let header = authorization ?? "Bearer \(secret)"
        if !header.isEmpty { request.headers.add(name: "authorization", value: header) }
        if let body { request.body = .bytes(body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .minutes(5))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Reply(status: Int(response.status.code), headers: response.headers, body: Array(bytes.readableBytesView))
    }

    /// Pushes a blob as a whole.
    @discardableResult
    func push(_ bytes: [UInt8], to name: String) async throws -> Digest {
        let digest = digest(bytes)
        let reply = try await send(.POST, "/v2/\(name)/blobs/uploads/?digest=\(digest)", body: bytes)
        try #require(reply.status == 201, "\(reply.status) \(reply.text)")
        return digest
    }

    /// Where an upload goes on.
    func begin(_ name: String) async throws -> String {
        let reply = try await send(.POST, "/v2/\(name)/blobs/uploads/", ["content-length": "0"])
        try #require(reply.status == 202, "\(reply.status) \(reply.text)")
        return try #require(reply.header("location"))
    }

    func put(_ manifest: [UInt8], _ name: String, _ reference: String, type: String = MediaType.manifest) async throws -> Reply {
        try await send(.PUT, "/v2/\(name)/manifests/\(reference)", ["content-type": type], body: manifest)
    }
}

func digest(_ bytes: [UInt8]) -> Digest { DocumentDigest.of(bytes) }

func descriptor(_ bytes: [UInt8], _ type: String) -> Descriptor { Descriptor(mediaType: type, digest: digest(bytes), size: bytes.count) }

/// A document in JSON, the same for the same value.
func document(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(value))
}
