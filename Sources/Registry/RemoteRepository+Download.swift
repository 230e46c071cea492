internal import AsyncHTTPClient
internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOCore
internal import NIOHTTP1

extension RemoteRepository {
    /// "Pulling blobs". Takes up where a cut left off, as often as that gets further.
    ///
    /// - Parameter progress: called with the number of bytes of each piece; below zero when what came has to come again.
    func download(_ incoming: IncomingBlob, progress: @escaping @Sendable (Int) -> Void) async throws {
        let blob = incoming.descriptor
        let what = "the blob \(blob.digest.short) of \(reference.name)"
        let exchange = Exchange(.GET, try url("blobs/\(blob.digest)"))
        let wasCut = try await within(limits.deadline(bytes: blob.size), what) {
            var wasCut = false
            try await limits.retries.run(progress: { incoming.count }) {
                if incoming.count > 0 { wasCut = true }
                try await fetch(exchange, incoming, what, progress)
            }
            return wasCut
        }
        do { try incoming.check() } catch {
            // Parts of two answers may not belong together: once more, from one.
            guard wasCut else { throw error }
            progress(-incoming.count)
            incoming.restart()
            try await within(limits.deadline(bytes: blob.size), what) { try await fetch(exchange, incoming, what, progress) }
            try incoming.check()
        }
    }

    /// One try, from where the last one ended.
    private func fetch(_ exchange: Exchange, _ incoming: IncomingBlob, _ what: String, _ progress: @Sendable (Int) -> Void) async throws {
        let offset = incoming.count
        if offset == incoming.descriptor.size, offset > 0 { return }
        var exchange = exchange
        if offset > 0 { exchange.headers.replaceOrAdd(name: "range", value: "bytes=\(offset)-") }
        let answer = try await connection.send(exchange, scopes: scopes)
        switch (answer.status, offset) {
        case (206, 1...):
            guard ContentRange(answer.header("content-range"))?.first == offset else {
                throw RegistryError.answerInvalid(host, "it sends another part of a blob than was asked for")
            }
        case (200, _):
            if offset > 0 {
                progress(-offset)
                incoming.restart()
            }
        case (416, 1...):
            progress(-offset)
            incoming.restart()
            throw RegistryError.cut(what, "the registry does not know where it was")
        default: throw await connection.refusal(answer, what)
        }
        let rest = incoming.descriptor.size - incoming.count
        if let length = answer.header("content-length").flatMap(Int.init), length != rest {
            throw RegistryError.contentWrong(what, "\(length) bytes are announced where \(rest) belong")
        }
        do {
            guard let body = answer.response.takeBody() else { return }
            for try await piece in body {
                try piece.withUnsafeReadableBytes { try incoming.append($0) }
                progress(piece.readableBytes)
            }
        } catch {
            throw Transport.interruption(error, what)
        }
        guard incoming.count == incoming.descriptor.size else { throw RegistryError.cut(what, "it ended after \(incoming.count) bytes") }
    }

    /// A small blob, verified.
    func document(_ descriptor: Descriptor, limit: ByteSize) async throws -> [UInt8] {
        let what = "\(descriptor.digest.short) of \(reference.name)"
        guard (0...limit.bytes).contains(descriptor.size) else { throw RegistryError.tooLarge(what, limit: "\(limit)") }
        let exchange = Exchange(.GET, try url("blobs/\(descriptor.digest)"))
        return try await limits.retries.run {
            let answer = try await connection.send(exchange, scopes: scopes)
            guard answer.status == 200 else { throw await connection.refusal(answer, what) }
            let bytes = try await connection.transport.body(answer.response, limit: limit, what)
            let digest = DocumentDigest.of(bytes)
            guard bytes.count == descriptor.size, digest == descriptor.digest else {
                throw RegistryError.contentWrong(what, "it has \(bytes.count) bytes and is \(digest)")
            }
            return bytes
        }
    }
}

/// `bytes 100-199/200`; the end and the whole may be left open. Source: RFC 9110, section 14.4.
struct ContentRange: Hashable, Sendable {
    let first: Int

    init?(_ text: String?) {
        guard let text, text.hasPrefix("bytes "), let first = Int(text.dropFirst(6).prefix { $0.isNumber }), first >= 0 else { return nil }
        self.first = first
    }
}
