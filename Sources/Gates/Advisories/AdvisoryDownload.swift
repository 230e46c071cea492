import AsyncHTTPClient
import Foundation
internal import IngotModel
internal import NIOCore
internal import NIOHTTP1
internal import SystemPackage

/// Advisories that lie on a server, brought here for an import: over TLS, or from this machine, since they decide what may run.
struct AdvisoryDownload {
    var largest = ByteSize.gibibytes(2)
    /// For all of it.
    var deadline = TimeAmount.minutes(30)
    /// Until there is a connection; between two pieces.
    var patience = TimeAmount.seconds(60)
    var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }

    enum Outcome {
        /// The server says that it is still what the tag stands for.
        case unchanged
        /// If its server says when it was modified, that is the file's time.
        case file(FilePath, entityTag: String?, isDated: Bool)
    }

    static func isAddress(_ location: String) -> Bool { location.hasPrefix("https://") || location.hasPrefix("http://") }

    /// - Throws: `GateError` `gates.advisories-not-downloaded`. What was imported before stays.
    func fetch(_ address: String, unlessTag tag: String?, into folder: FilePath) async throws -> Outcome {
        guard let url = URL(string: address), url.scheme == "https" || Self.isOwn(url.host) else {
            throw failure(address, "advisories decide what may run, and plain HTTP shows nobody who gave them; use https")
        }
        // No redirect is followed: it could lead to an address without TLS.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: patience, read: patience))
        configuration.decompression = .disabled
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let outcome = try await fetch(address, client, unlessTag: tag, as: folder.appending(Self.fileName(url)))
            try await client.shutdown()
            return outcome
        } catch {
            try? await client.shutdown()
            throw error is GateError || error is CancellationError ? error : failure(address, "\(error)")
        }
    }

    private func fetch(_ address: String, _ client: HTTPClient, unlessTag tag: String?, as path: FilePath) async throws -> Outcome {
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "user-agent", value: "ingot")
        if let tag { request.headers.add(name: "if-none-match", value: tag) }
        let end = now() + .nanoseconds(deadline.nanoseconds)
        let response = try await client.execute(request, timeout: deadline)
        switch response.status.code {
        case 200: break
        case 304 where tag != nil: return .unchanged
        case 301, 302, 303, 307, 308:
            throw failure(address, "it is elsewhere, at \((response.headers.first(name: "location") ?? "an address that is not told").prefix(200))")
        default: throw failure(address, "the server answers \(response.status.code)")
        }
        let file = try FileDescriptor.open(path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        defer { try? file.close() }
        var count = 0
        for try await part in response.body {
            count += part.readableBytes
            guard count <= largest.bytes else { throw failure(address, "it is larger than \(largest)") }
            // The client's own deadline ends with the response's head.
            guard now() < end else { throw failure(address, "it takes longer than \(deadline.nanoseconds / 60_000_000_000) minutes") }
            _ = try part.withUnsafeReadableBytes { try file.writeAll($0) }
        }
        if let length = response.headers.first(name: "content-length").flatMap({ Int($0) }), length != count {
            throw failure(address, "it ended after \(count) of \(length) bytes")
        }
        let modified = response.headers.first(name: "last-modified").flatMap(Self.date)
        if let modified { try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: path.string) }
        return .file(path, entityTag: response.headers.first(name: "etag"), isDated: modified != nil)
    }

    /// Source: RFC 9110, section 5.6.7; its obsolete forms are not read.
    static func date(_ text: String) -> Date? {
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = TimeZone(secondsFromGMT: 0)
        form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return form.date(from: text)
    }

    private static func isOwn(_ host: String?) -> Bool { ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host) }

    /// The name says what form the file has.
    private static func fileName(_ url: URL) -> String {
        let name = url.lastPathComponent.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }.suffix(100)
        return name.allSatisfy { $0 == "." } ? "advisories" : String(name)
    }

    private func failure(_ address: String, _ why: String) -> GateError {
        GateError(
            code: "gates.advisories-not-downloaded", message: "the advisories at \(address.prefix(500)) could not be fetched: \(why)",
            remedy: "check the address, and that it can be reached; what was imported before still counts", fault: .world)
    }
}
