internal import IngotModel
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// One connection: request after request, each answered before the next is read.
struct ServerConnection: Sendable {
    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let desk: RegistryDesk
    let channel: Channel

    /// Until the client or the task ends it.
    func serve() async {
        await withTaskCancellationHandler {
            await serveAll()
        } onCancel: {
            channel.channel.close(promise: nil)
        }
    }

    private func serveAll() async {
        do {
            try await channel.executeThenClose { inbound, _ in
                let body = RequestBody(inbound.makeAsyncIterator())
                let writer = AnswerWriter(channel: channel.channel, pool: desk.pool, isEncrypted: desk.isEncrypted, limits: desk.limits)
                while let head = try await body.head() {
                    if head.headers.first(name: "expect")?.lowercased() == "100-continue" { try await writer.goOn() }
                    let answer = try await desk.answer(head, body)
                    try await writer.write(head.method == .HEAD ? answer.head : answer, isKept: head.isKeepAlive, version: head.version)
                    guard try await body.drain(limit: desk.limits.drain.bytes), head.isKeepAlive else { return }
                }
            }
        } catch {
            // Clients come and go.
            desk.logger.debug("a connection to the registry ended early", metadata: ["error": "\(error)"])
        }
    }

    /// Says that there are too many.
    static func refuse(_ channel: Channel, _ limits: ServerLimits) async {
        let problem = RegistryProblem(
            .serviceUnavailable, .tooManyRequests, "there are \(limits.connections) connections already; try again later",
            headers: ["Retry-After": "5"])
        try? await channel.executeThenClose { _, outbound in
            let head = HTTPResponseHead(
                version: .http1_1, status: problem.status,
                headers: ["content-length": "\(problem.body.count)", "content-type": "application/json", "connection": "close", "retry-after": "5"])
            try await outbound.write(.head(head))
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: problem.body))))
            try await outbound.write(.end(nil))
        }
    }
}
