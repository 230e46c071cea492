internal import IngotModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Writes answers to one connection. A blob goes by sendfile(2), or in pieces through memory where it is encrypted; whoever takes a piece too
/// slowly is left.
struct AnswerWriter {
    let channel: any Channel
    let pool: NIOThreadPool
    let isEncrypted: Bool
    let limits: ServerLimits

    func write(_ answer: Answer, isKept: Bool, version: HTTPVersion) async throws {
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "docker-distribution-api-version", value: "registry/2.0")
        if answer.status != .noContent { headers.replaceOrAdd(name: "content-length", value: "\(answer.content.length)") }
        if let type = answer.content.type { headers.replaceOrAdd(name: "content-type", value: type) }
        if !isKept { headers.replaceOrAdd(name: "connection", value: "close") }
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: version, status: answer.status, headers: headers)), promise: nil)
        switch answer.content {
        case .none, .length: break
        case .bytes(let bytes, _): channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
        case .blob(let blob, let range): try await isEncrypted ? copy(blob, range) : send(blob, range)
        }
        try await inTime(flush(.end(nil)))
    }

    func goOn() async throws {
        try await inTime(flush(.head(HTTPResponseHead(version: .http1_1, status: .continue))))
    }

    /// Two pieces are always on their way, so that the connection has never to wait for the next.
    private func send(_ blob: OpenBlob, _ range: Range<Int>) async throws {
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: blob.descriptor)
        // The blob closes what it opened.
        defer { _ = try? handle.takeDescriptorOwnership() }
        var before: EventLoopFuture<Void>?
        do {
            for piece in pieces(of: range) {
                let region = FileRegion(fileHandle: handle, readerIndex: piece.lowerBound, endIndex: piece.upperBound)
                let written = flush(.body(.fileRegion(region)))
                if let before { try await inTime(before) }
                before = written
            }
            if let before { try await inTime(before) }
        } catch {
            // The last piece may still name the file.
            try? await channel.close()
            try? await before?.get()
            throw error
        }
    }

    private func copy(_ blob: OpenBlob, _ range: Range<Int>) async throws {
        for piece in pieces(of: range) {
            let buffer = try await pool.runIfActive { try blob.read(piece) }
            try await inTime(flush(.body(.byteBuffer(buffer))))
        }
    }

    private func pieces(of range: Range<Int>) -> some Sequence<Range<Int>> {
        stride(from: range.lowerBound, to: range.upperBound, by: limits.piece.bytes).lazy.map { [limits] in
            $0..<min($0 + limits.piece.bytes, range.upperBound)
        }
    }

    private func flush(_ part: HTTPServerResponsePart) -> EventLoopFuture<Void> { channel.writeAndFlush(part) }

    private func inTime(_ written: EventLoopFuture<Void>) async throws {
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limits.patience)) { [channel] in channel.close(promise: nil) }
        defer { timer.cancel() }
        try await written.get()
    }
}
